/** JWT access tokens (RFC 9068): their form, and that introspection and revocation treat them like any other. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createRemoteJWKSet, decodeJwt, generateKeyPair, jwtVerify, SignJWT } from 'jose';
import { introspect, request, TestClient, tokensOf } from '../support/client.js';
import { directory } from '../support/directory.js';
import { startServer, type TestServer } from '../support/server.js';
import {
  ADMIN_API,
  asServer,
  BYSTANDER,
  ES256,
  EXCHANGER,
  OPAQUE,
  RS256,
  SIGNED_CONFIG,
} from '../support/signedConfig.js';

const INACTIVE = '{"active":false}';
const BEACON = { organization: 'Beacon Labs' };

let server: TestServer;
let rs256: TestClient;
beforeAll(async () => {
  server = await startServer({ config: SIGNED_CONFIG, issuerPath: '/oauth' });
  rs256 = await TestClient.register(server, RS256);
});
afterAll(() => server?.stop());

const introspected = (token: string, as = EXCHANGER) => introspect(server, token, asServer(as));

/** What a resource server does that never asks: keys from the JWKS, issuer, audience byte for byte, type. */
const verified = (token: string, audience: string, alg: string) =>
  jwtVerify(token, createRemoteJWKSet(new URL(server.url('/jwks'))), {
    issuer: server.issuer,
    audience,
    typ: 'at+jwt',
    algorithms: [alg],
    requiredClaims: ['iss', 'exp', 'aud', 'sub', 'client_id', 'iat', 'jti'],
    // Time does not stand still in the tests before.
    currentDate: new Date((decodeJwt(token).iat ?? 0) * 1_000),
  });

describe('A JWT access token', () => {
  test.each([
    ['RS256', RS256, 600],
    ['ES256', ES256, 200],
  ])('is signed with %s by a published key and carries what RFC 9068 §2.2 asks for', async (alg, resource, ttl) => {
    const client = await TestClient.register(server, resource);
    const { accessToken, expiresIn } = await client.connect({}, { scope: 'mcp:use openid' });
    const { payload, protectedHeader } = await verified(accessToken, resource, alg);
    const known = (await introspected(accessToken)).json;
    expect(protectedHeader).toEqual({ alg, typ: 'at+jwt', kid: expect.any(String) });
    expect(payload).toEqual({
      iss: server.issuer,
      aud: resource,
      sub: known.sub,
      client_id: client.clientId,
      scope: 'mcp:use openid',
      iat: known.iat,
      exp: known.exp,
      jti: expect.any(String),
      connection_id: known.connection_id,
      org_id: known.org_id,
    });
    expect(expiresIn).toBe(ttl);
    expect(Number(payload.exp) - Number(payload.iat)).toBe(ttl);
  });

  test('never has the same jti twice', async () => {
    const tokens = [await rs256.connect(), await rs256.connect()].map(({ accessToken }) => decodeJwt(accessToken).jti);
    expect(tokens[0]).not.toBe(tokens[1]);
  });

  test('is not issued for a resource that wants opaque ones', async () => {
    const client = await TestClient.register(server, OPAQUE);
    expect((await client.connect()).accessToken).not.toContain('.');
  });

  test('comes again at refresh, and its refresh token is opaque', async () => {
    const first = await rs256.connect();
    expect(first.refreshToken).not.toContain('.');
    const second = tokensOf(await rs256.refresh(first.refreshToken));
    await verified(second.accessToken, RS256, 'RS256');
  });

  test('the published keys are public and tell their use', async () => {
    const { json } = await request(server.url('/jwks'));
    const keys = json.keys as Record<string, unknown>[];
    expect(keys.map(({ alg }) => alg).sort()).toEqual(['ES256', 'RS256']);
    for (const key of keys) {
      expect(key).toMatchObject({ use: 'sig', kid: expect.any(String) });
      for (const secret of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k']) expect(key).not.toHaveProperty(secret);
    }
  });
});

describe('Introspection of a JWT', () => {
  test('answers like that of an opaque token', async () => {
    const { accessToken } = await rs256.connect();
    expect((await introspected(accessToken)).json).toEqual({
      active: true,
      scope: 'mcp:use',
      client_id: rs256.clientId,
      client_name: 'Raw test client',
      username: 'ada@example.com',
      sub: expect.any(String),
      aud: RS256,
      iss: server.issuer,
      exp: expect.any(Number),
      iat: expect.any(Number),
      token_type: 'Bearer',
      connection_id: expect.any(String),
      org_id: expect.any(String),
      org_name: 'Acme Robotics',
      roles: [{ role: 'account-owner' }],
    });
  });

  test('obeys the switch at once, in both directions', async () => {
    const { accessToken } = await rs256.connect(BEACON);
    await directory(server, 'mcp-access', 'off', 'Beacon Labs');
    const off = await introspected(accessToken);
    await directory(server, 'mcp-access', 'on', 'Beacon Labs');
    expect(off.text).toBe(INACTIVE);
    expect((await introspected(accessToken)).json.active).toBe(true);
  });

  test('obeys a removal at once', async () => {
    const { accessToken, refreshToken } = await rs256.connect();
    await rs256.revoke(refreshToken);
    expect((await introspected(accessToken)).text).toBe(INACTIVE);
  });

  test('obeys a lost membership at once', async () => {
    const { accessToken } = await rs256.connect(BEACON);
    await directory(server, 'members', 'remove', 'Beacon Labs', 'ada@example.com');
    const gone = await introspected(accessToken);
    await directory(server, 'members', 'add', 'Beacon Labs', 'ada@example.com', '--role', 'insights');
    expect(gone.text).toBe(INACTIVE);
    expect((await introspected(accessToken)).text).toBe(INACTIVE);
  });

  test('says inactive when it has expired', async () => {
    const { accessToken } = await rs256.connect();
    // Seconds before its end, since those that the test takes count too.
    await server.advance(590_000);
    expect((await introspected(accessToken)).json.active).toBe(true);
    await server.advance(11_000);
    expect((await introspected(accessToken)).text).toBe(INACTIVE);
  });

  test('says inactive to a server of another resource', async () => {
    const { accessToken } = await rs256.connect();
    expect((await introspected(accessToken, ADMIN_API)).text).toBe(INACTIVE);
    expect((await introspected(accessToken, BYSTANDER)).text).toBe(INACTIVE);
  });

  test('says inactive to everything that this server did not sign as an access token', async () => {
    const { accessToken, answer } = await rs256.connect({}, { scope: 'mcp:use openid' });
    const [header = '', payload = '', signature = ''] = accessToken.split('.');
    const text = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
    const claims = decodeJwt(accessToken);
    const { privateKey } = await generateKeyPair('RS256');
    const foreign = new SignJWT(claims).setProtectedHeader({ alg: 'RS256', typ: 'at+jwt' });
    const jwks = await request(server.url('/jwks'));
    const asSecret = new TextEncoder().encode(jwks.text);
    for (const [what, token] of Object.entries({
      'no signature': `${header}.${payload}.`,
      'alg none': `${text({ alg: 'none', typ: 'at+jwt' })}.${payload}.`,
      'a changed scope': `${header}.${text({ ...claims, scope: 'mcp:admin' })}.${signature}`,
      'a foreign key': await foreign.sign(privateKey),
      'the public keys as a secret': await new SignJWT(claims)
        .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt' })
        .sign(asSecret),
      'an id_token': String(answer.json.id_token),
      'nothing decodable': 'a.b.c',
    }))
      expect(`${what}: ${(await introspected(token)).text}`).toBe(`${what}: ${INACTIVE}`);
    expect((await introspected(accessToken)).json.active).toBe(true);
  });
});

describe('Revocation of a JWT', () => {
  test('ends the connection, and with it every token', async () => {
    const tokens = await rs256.connect();
    expect((await rs256.revoke(tokens.accessToken)).status).toBe(200);
    expect((await introspected(tokens.accessToken)).text).toBe(INACTIVE);
    expect((await rs256.refresh(tokens.refreshToken)).json.error).toBe('invalid_grant');
  });

  test('works while MCP access is off', async () => {
    const tokens = await rs256.connect(BEACON);
    await directory(server, 'mcp-access', 'off', 'Beacon Labs');
    const answer = await rs256.revoke(tokens.accessToken, { token_type_hint: 'access_token' });
    await directory(server, 'mcp-access', 'on', 'Beacon Labs');
    expect(answer.status).toBe(200);
    expect((await introspected(tokens.accessToken)).text).toBe(INACTIVE);
  });

  test("of another client's token changes nothing, and neither does an id_token", async () => {
    const tokens = await rs256.connect({}, { scope: 'mcp:use openid' });
    const other = await TestClient.register(server, RS256);
    expect((await other.revoke(tokens.accessToken)).status).toBe(200);
    expect((await rs256.revoke(String(tokens.answer.json.id_token))).status).toBe(200);
    expect((await introspected(tokens.accessToken)).json.active).toBe(true);
  });
});
