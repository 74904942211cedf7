/** Token exchange (RFC 8693): a resource server trades a client's token for one of another resource. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import { type Answer, form, introspect, request, TestClient, tokensOf } from '../support/client.js';
import { directory } from '../support/directory.js';
import { Person } from '../support/person.js';
import { startServer, type TestServer } from '../support/server.js';
import {
  ADMIN,
  ADMIN_API,
  asServer,
  BYSTANDER,
  ES256,
  EXCHANGER,
  OPAQUE,
  RS256,
  SIGNED_CONFIG,
} from '../support/signedConfig.js';

const GRANT = 'urn:ietf:params:oauth:grant-type:token-exchange';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
const INACTIVE = '{"active":false}';
const BEACON = { organization: 'Beacon Labs' };
const DAY = 86_400_000;

let server: TestServer;
let client: TestClient;
beforeAll(async () => {
  server = await startServer({ config: SIGNED_CONFIG });
  client = await TestClient.register(server, RS256);
});
afterAll(() => server?.stop());

/** Exchanges as PubNub's server does, credentials in the body; `undefined` leaves a parameter out. */
const exchange = (
  subjectToken: string,
  changes: Record<string, string | undefined> = {},
  headers = {},
): Promise<Answer> =>
  request(server.url('/token'), {
    method: 'POST',
    headers,
    body: form({
      grant_type: GRANT,
      subject_token: subjectToken,
      subject_token_type: ACCESS_TOKEN,
      resource: ADMIN,
      client_id: EXCHANGER.id,
      client_secret: EXCHANGER.secret,
      ...changes,
    }),
  });
const byBasic = { client_id: undefined, client_secret: undefined };

const exchanged = async (subjectToken: string, changes = {}): Promise<string> => {
  const answer = await exchange(subjectToken, changes);
  expect(`${answer.status} ${answer.text}`).toMatch(/^200 /);
  return String(answer.json.access_token);
};
const introspected = (token: string, as = ADMIN_API) => introspect(server, token, asServer(as));

describe('An exchanged token', () => {
  test.each([
    ['of a JWT', RS256],
    ['of a JWT signed with ES256', ES256],
    ['of an opaque token', OPAQUE],
  ])(
    '%s is for the other resource, of the same connection, with the resource server as actor',
    async (_of, resource) => {
      const { accessToken } = await (await TestClient.register(server, resource)).connect();
      const subject = (await introspected(accessToken, EXCHANGER)).json;
      const answer = await exchange(accessToken);
      expect(answer.status).toBe(200);
      expect(answer.json).toEqual({
        access_token: expect.any(String),
        issued_token_type: ACCESS_TOKEN,
        token_type: 'Bearer',
        expires_in: resource === ES256 ? expect.any(Number) : 300,
        scope: 'keys:read keys:write',
      });
      expect(answer.headers.get('cache-control')).toBe('no-store');
      const known = (await introspected(String(answer.json.access_token))).json;
      expect(known).toMatchObject({
        active: true,
        aud: ADMIN,
        scope: 'keys:read keys:write',
        client_id: subject.client_id,
        sub: subject.sub,
        connection_id: subject.connection_id,
        org_id: subject.org_id,
        roles: subject.roles,
        act: { sub: EXCHANGER.id },
      });
    },
  );

  test('is a JWT by which a server that never asks sees the same', async () => {
    const token = await exchanged((await client.connect()).accessToken);
    const keys = createRemoteJWKSet(new URL(server.url('/jwks')));
    const { payload } = await jwtVerify(token, keys, {
      issuer: server.issuer,
      audience: ADMIN,
      typ: 'at+jwt',
      currentDate: new Date((decodeJwt(token).iat ?? 0) * 1_000),
    });
    expect(payload).toMatchObject({
      client_id: client.clientId,
      act: { sub: EXCHANGER.id },
      scope: 'keys:read keys:write',
    });
  });

  test('has the scopes asked for, within those of the entry, and is refused when one is beyond them', async () => {
    const { accessToken } = await client.connect();
    expect((await exchange(accessToken, { scope: 'keys:read' })).json.scope).toBe('keys:read');
    expect((await exchange(accessToken, { scope: 'keys:write keys:read keys:write' })).json.scope).toBe(
      'keys:write keys:read',
    );
    expect((await exchange(accessToken, { scope: '' })).json.scope).toBe('keys:read keys:write');
    // Described for the resource, but not in the entry; of the subject token; unknown.
    for (const scope of ['billing:write', 'keys:read billing:write', 'mcp:use', 'openid', 'nothing']) {
      const answer = await exchange(accessToken, { scope });
      expect(`${scope}: ${answer.status} ${answer.json.error}`).toBe(`${scope}: 400 invalid_scope`);
    }
  });

  test('lives for 300 seconds at most', async () => {
    const token = await exchanged((await client.connect()).accessToken);
    await server.advance(299_000);
    expect((await introspected(token)).json.active).toBe(true);
    await server.advance(2_000);
    expect((await introspected(token)).text).toBe(INACTIVE);
  });

  test('ends with its subject token, when that is first', async () => {
    const { accessToken } = await client.connect();
    await server.advance(500_000);
    const answer = await exchange(accessToken);
    expect(answer.json.expires_in).toBeGreaterThan(90);
    expect(answer.json.expires_in).toBeLessThanOrEqual(100);
    const subject = (await introspected(accessToken, EXCHANGER)).json;
    expect((await introspected(String(answer.json.access_token))).json.exp).toBe(subject.exp);
  });

  test('ends with its connection, when that is first', async () => {
    const first = await client.connect();
    const { iat } = (await introspected(first.accessToken, EXCHANGER)).json;
    const end = new Date(Number(iat) * 1_000);
    end.setUTCMonth(end.getUTCMonth() + 1);
    if (end.getTime() - Number(iat) * 1_000 > 31 * DAY) end.setUTCDate(0);
    await server.advance(end.getTime() - Number(iat) * 1_000 - 120_000);
    const late = tokensOf(await client.refresh(first.refreshToken));
    const answer = await exchange(late.accessToken);
    expect(answer.json.expires_in).toBeGreaterThan(90);
    expect(answer.json.expires_in).toBeLessThanOrEqual(120);
  });

  test('cannot be exchanged again, refreshed, or revoked by the resource server, and comes without a refresh token', async () => {
    const subject = await client.connect();
    const answer = await exchange(subject.accessToken);
    expect(answer.json).not.toHaveProperty('refresh_token');
    const token = String(answer.json.access_token);
    // By itself it is for a resource that this server doesn't serve; even so it would be refused for having an actor.
    expect((await exchange(token)).json.error).toBe('invalid_request');
    const refresh = form({
      grant_type: 'refresh_token',
      refresh_token: token,
      client_id: EXCHANGER.id,
      client_secret: EXCHANGER.secret,
    });
    const refused = await request(server.url('/token'), { method: 'POST', body: refresh });
    expect(`${refused.status} ${refused.json.error}`).toBe('400 unauthorized_client');
    await request(server.url('/revoke'), { method: 'POST', headers: asServer(EXCHANGER), body: form({ token }) });
    await client.revoke(token);
    expect((await introspected(subject.accessToken, EXCHANGER)).json.active).toBe(true);
  });

  test('opens nothing at /userinfo', async () => {
    const subject = await client.connect({}, { scope: 'openid mcp:use' });
    const token = await exchanged(subject.accessToken);
    const answer = await request(server.url('/userinfo'), { headers: { authorization: `Bearer ${token}` } });
    expect(answer.status).toBe(403);
  });
});

describe('The policy', () => {
  test('holds for exchange and for what was exchanged before, at once and in both directions', async () => {
    const { accessToken } = await client.connect(BEACON);
    const before = await exchanged(accessToken);
    await directory(server, 'mcp-access', 'off', 'Beacon Labs');
    const refused = await exchange(accessToken);
    const off = await introspected(before);
    await directory(server, 'mcp-access', 'on', 'Beacon Labs');
    expect(`${refused.status} ${refused.json.error}`).toBe('400 invalid_grant');
    expect(off.text).toBe(INACTIVE);
    expect((await introspected(before)).json.active).toBe(true);
    await exchanged(accessToken);
  });

  test('a removed connection ends exchange and exchanged tokens', async () => {
    const { accessToken, refreshToken } = await client.connect();
    const before = await exchanged(accessToken);
    await client.revoke(refreshToken);
    const refused = await exchange(accessToken);
    expect(refused.status).toBe(400);
    expect((await introspected(before)).text).toBe(INACTIVE);
  });

  test('a lost membership ends exchange and exchanged tokens', async () => {
    const { accessToken } = await client.connect(BEACON);
    const before = await exchanged(accessToken);
    await directory(server, 'members', 'remove', 'Beacon Labs', 'ada@example.com');
    const refused = await exchange(accessToken);
    const gone = await introspected(before);
    await directory(server, 'members', 'add', 'Beacon Labs', 'ada@example.com', '--role', 'insights');
    expect(refused.status).toBe(400);
    expect(gone.text).toBe(INACTIVE);
  });
});

describe('An exchange is refused', () => {
  test.each<[string, Record<string, string | undefined>, string]>([
    ['for a resource that the server has no entry for', { resource: OPAQUE }, '400 invalid_target'],
    ['for an unknown resource', { resource: 'https://unknown.example.com/' }, '400 invalid_target'],
    ['without a resource', { resource: undefined }, '400 invalid_request'],
    ['without a subject token', { subject_token: undefined }, '400 invalid_request'],
    ['with a subject token of nobody', { subject_token: 'nonsense' }, '400 invalid_request'],
    ['without the type of the subject token', { subject_token_type: undefined }, '400 invalid_request'],
    [
      'for another type of subject token',
      { subject_token_type: 'urn:ietf:params:oauth:token-type:id_token' },
      '400 invalid_request',
    ],
    [
      'for another type of result',
      { requested_token_type: 'urn:ietf:params:oauth:token-type:refresh_token' },
      '400 invalid_request',
    ],
    ['with an actor token', { actor_token: 'x', actor_token_type: ACCESS_TOKEN }, '400 invalid_request'],
    ['with a wrong secret', { client_secret: 'secret-of-somebody-else' }, '401 invalid_client'],
    ['without a secret', { client_secret: undefined }, '401 invalid_client'],
    [
      'of a server that may exchange nothing',
      { client_id: BYSTANDER.id, client_secret: BYSTANDER.secret },
      '401 invalid_client',
    ],
  ])('%s', async (_what, changes, expected) => {
    const { accessToken } = await client.connect();
    const answer = await exchange(accessToken, changes);
    expect(`${answer.status} ${answer.json.error}`).toBe(expected);
    expect(answer.json).not.toHaveProperty('access_token');
  });

  test('with an actor token, and is told that the actor is the client', async () => {
    const { accessToken } = await client.connect();
    const { json } = await exchange(accessToken, { actor_token: 'x' });
    expect(json.error_description).toBe('the parameter actor_token is not supported: the actor is the client itself');
  });

  test('to the MCP client itself', async () => {
    const { accessToken } = await client.connect();
    const answer = await exchange(accessToken, { client_id: client.clientId, client_secret: undefined });
    expect(`${answer.status} ${answer.json.error}`).toBe('400 unauthorized_client');
  });

  test('to a client that registered for it', async () => {
    const registered = await request(server.url('/register'), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ redirect_uris: ['http://localhost/cb'], grant_types: [GRANT, 'authorization_code'] }),
    });
    expect(registered.json.grant_types).toEqual(['authorization_code']);
    const { accessToken } = await client.connect();
    const answer = await exchange(accessToken, {
      client_id: String(registered.json.client_id),
      client_secret: undefined,
    });
    expect(`${answer.status} ${answer.json.error}`).toBe('400 unauthorized_client');
  });

  test('for a token of a resource that the server does not serve', async () => {
    const other = await TestClient.register(server, ADMIN);
    const answer = await exchange((await other.connect()).accessToken);
    expect(`${answer.status} ${answer.json.error}`).toBe('400 invalid_request');
  });

  test('for a refresh token, an id_token, and an expired token', async () => {
    const { accessToken, refreshToken, answer } = await client.connect({}, { scope: 'openid mcp:use' });
    for (const token of [refreshToken, String(answer.json.id_token)])
      expect((await exchange(token)).json.error).toBe('invalid_request');
    await server.advance(601_000);
    expect((await exchange(accessToken)).json.error).toBe('invalid_request');
  });
});

test('HTTP Basic does as well, and credentials in both places do not', async () => {
  const { accessToken } = await client.connect();
  expect((await exchange(accessToken, byBasic, asServer(EXCHANGER))).status).toBe(200);
  expect((await exchange(accessToken, {}, asServer(EXCHANGER))).status).toBe(400);
});

test('the resource may be spelled in any equivalent way, and aud is as the operator wrote it', async () => {
  const { accessToken } = await client.connect();
  const token = await exchanged(accessToken, { resource: 'HTTPS://ADMIN.example.com:443/api/' });
  expect(decodeJwt(token).aud).toBe(ADMIN);
});

test('the consent page names what the resource server may do elsewhere, and nothing more', async () => {
  const other = await TestClient.register(server, RS256);
  const page = await new Person().openConsent(other.authorize().url);
  const abilities = page.html.querySelectorAll('.ability').map((item) => item.textContent.trim());
  expect(abilities).toEqual([
    'Use the tools',
    expect.stringMatching(/^List your keys .*Admin API/),
    expect.stringMatching(/^Make and remove keys .*Admin API/),
  ]);
});

test('the metadata names the grant, and only where a server may use it', async () => {
  const { json } = await request(server.url('/.well-known/oauth-authorization-server'));
  expect(json.grant_types_supported).toEqual(['authorization_code', 'refresh_token', GRANT]);
});
