/** OpenID Connect as far as MCP resource servers use it: id_token, /userinfo, and asking for the password again. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createRemoteJWKSet, decodeJwt, type JWTPayload, jwtVerify } from 'jose';
import { introspect, request, TestClient } from '../support/client.js';
import { directory } from '../support/directory.js';
import { clientRedirect, Person } from '../support/person.js';
import { startServer, type TestServer } from '../support/server.js';

const MINUTE = 60_000;

let server: TestServer;
let client: TestClient;
beforeAll(async () => {
  server = await startServer();
});
// What a client was granted before is kept when it connects again.
beforeEach(async () => {
  client = await TestClient.register(server);
});
afterAll(() => server?.stop());

const userinfo = (token: string, method = 'GET') =>
  request(server.url('/userinfo'), {
    method,
    headers: { authorization: `Bearer ${token}`, origin: 'https://a.example' },
  });

const asksForPassword = (page: { html: { querySelector(selector: string): unknown } }) =>
  page.html.querySelector('input[name=password]') !== null;

/** A person who signed in with one request before, so that another one would not ask. */
const signedIn = async (): Promise<Person> => {
  const person = new Person();
  await person.openConsent(client.authorize().url);
  expect(asksForPassword(await person.open(client.authorize().url))).toBe(false);
  return person;
};

describe('The id_token', () => {
  const claimsOf = async (parameters: Record<string, string>, person = new Person()): Promise<JWTPayload> => {
    const { url, verifier } = client.authorize(parameters);
    const redirect = clientRedirect(await person.decide(await person.openConsent(url), 'Acme Robotics'));
    const { json } = await client.exchange(redirect.searchParams.get('code') ?? '', verifier);
    return decodeJwt(String(json.id_token));
  };

  test('comes with the scope openid, is signed with RS256 by a published key, and is for the client', async () => {
    const { answer, accessToken } = await client.connect({}, { scope: 'openid mcp:read', nonce: 'n-0S6_WzA2Mj' });
    const token = String(answer.json.id_token);
    const { payload } = await jwtVerify(token, createRemoteJWKSet(new URL(server.url('/jwks'))), {
      issuer: server.issuer,
      audience: client.clientId,
      algorithms: ['RS256'],
    });
    const { sub } = (await introspect(server, accessToken)).json;
    // OpenID Connect Core §3.1.3.6: the left half of the access token's hash.
    const half = createHash('sha256').update(accessToken).digest().subarray(0, 16);
    expect(payload).toMatchObject({
      sub,
      at_hash: half.toString('base64url'),
      nonce: 'n-0S6_WzA2Mj',
      auth_time: expect.any(Number),
      exp: expect.any(Number),
    });
    // OpenID Connect Core §5.4: with an access token, these are asked for at /userinfo.
    for (const claim of ['email', 'name']) expect(payload).not.toHaveProperty(claim);
  });

  test('does not come without the scope openid', async () => {
    const { answer } = await client.connect({}, { scope: 'mcp:read email' });
    expect(answer.json).not.toHaveProperty('id_token');
  });

  test('has no nonce when none was sent', async () => {
    expect(await claimsOf({ scope: 'openid' })).not.toHaveProperty('nonce');
  });

  test('auth_time is when the password was given, and not when the person consented', async () => {
    const person = new Person();
    const first = await claimsOf({ scope: 'openid' }, person);
    await server.advance(10 * MINUTE);
    const later = await claimsOf({ scope: 'openid' }, person);
    expect(later.auth_time).toBe(first.auth_time);
    expect(Number(later.iat) - Number(later.auth_time)).toBeGreaterThanOrEqual(600);
    const again = new Person();
    expect(Number((await claimsOf({ scope: 'openid' }, again)).auth_time)).toBeGreaterThan(Number(later.auth_time));
  });
});

describe('The password is asked for again', () => {
  test('with prompt=login, although the person is signed in, and once is enough', async () => {
    const person = await signedIn();
    await server.advance(MINUTE);
    const page = await person.open(client.authorize({ prompt: 'login' }).url);
    expect(asksForPassword(page)).toBe(true);
    const consent = await person.signIn(page);
    expect(clientRedirect(await person.decide(consent, 'Acme Robotics')).searchParams.get('code')).toBeTruthy();
  });

  test('with prompt=login: opening the consent page by its address does not get around it', async () => {
    const person = await signedIn();
    await server.advance(MINUTE);
    const login = await person.open(client.authorize({ prompt: 'login' }).url);
    const returnTo = login.url.searchParams.get('return_to') ?? '';
    expect(returnTo).toContain('/interaction/');
    expect(asksForPassword(await person.open(new URL(returnTo, server.issuer)))).toBe(true);
  });

  test('with max_age, when the password was given longer ago than that, and not before', async () => {
    const person = await signedIn();
    await server.advance(5 * MINUTE);
    const ask = (max_age: string) => person.open(client.authorize({ scope: 'openid', max_age }).url);
    expect(asksForPassword(await ask('600'))).toBe(false);
    expect(asksForPassword(await ask('60'))).toBe(true);
    expect(asksForPassword(await ask('0'))).toBe(true);
  });

  test('and a wrong one leads nowhere', async () => {
    const person = await signedIn();
    await server.advance(MINUTE);
    const login = await person.open(client.authorize({ prompt: 'login' }).url);
    const again = await person.signIn(login, 'not the password');
    expect(again.leftFor).toBeUndefined();
    expect(asksForPassword(again)).toBe(true);
  });

  test.each(['consent', 'select_account', 'create'])(
    'but not with prompt=%s, which shows the consent page',
    async (prompt) => {
      const person = await signedIn();
      const page = await person.open(client.authorize({ prompt }).url);
      expect(page.leftFor).toBeUndefined();
      expect(page.html.querySelector('button[value=approve]')).not.toBeNull();
    },
  );
});

describe('/userinfo', () => {
  test.each([
    ['openid', {}],
    ['openid profile', { name: 'Ada Lovelace' }],
    ['openid email', { email: 'ada@example.com', email_verified: expect.any(Boolean) }],
    ['openid profile email', { name: 'Ada Lovelace', email: 'ada@example.com', email_verified: expect.any(Boolean) }],
  ])('gives the claims of the scopes %s and no others', async (scope, claims) => {
    const { accessToken, answer } = await client.connect({}, { scope });
    const { sub } = decodeJwt(String(answer.json.id_token));
    for (const method of ['GET', 'POST']) {
      const info = await userinfo(accessToken, method);
      expect(info.status).toBe(200);
      expect(info.json).toEqual({ sub, ...claims });
      expect(info.headers.get('access-control-allow-origin')).toBe('*');
      expect(info.headers.get('cache-control')).toBe('no-store');
    }
  });

  test('answers 403 insufficient_scope to a token without openid', async () => {
    const { accessToken } = await client.connect({}, { scope: 'mcp:read profile' });
    const info = await userinfo(accessToken);
    expect(`${info.status} ${info.headers.get('www-authenticate')}`).toMatch(
      /^403 Bearer .*error="insufficient_scope"/,
    );
  });

  test.each([
    ['nonsense', 'Bearer nonsense'],
    ['something shaped like a JWT', 'Bearer eyJhbGciOiJub25lIn0.e30.'],
    ['an empty token', 'Bearer '],
  ])('answers 401 invalid_token to %s', async (_what, authorization) => {
    const info = await request(server.url('/userinfo'), { headers: { authorization } });
    expect(`${info.status} ${info.headers.get('www-authenticate')}`).toMatch(/^401 Bearer .*error="invalid_token"/);
  });

  test.each([
    ['no token at all', {}],
    ['another scheme', { authorization: 'Basic bm9ib2R5Onh4' }],
  ])('asks for a token, and names no error, of whoever sends %s (RFC 6750 §3.1)', async (_what, headers) => {
    const info = await request(server.url('/userinfo'), { headers: headers as Record<string, string> });
    expect(info.status).toBe(401);
    expect(info.headers.get('www-authenticate')).toMatch(/^Bearer(?!.*error)/);
  });

  test('does not look for a token in the query or in the body', async () => {
    const { accessToken } = await client.connect({}, { scope: 'openid' });
    expect((await request(`${server.url('/userinfo')}?access_token=${accessToken}`)).status).toBe(401);
    const body = new URLSearchParams({ access_token: accessToken });
    expect((await request(server.url('/userinfo'), { method: 'POST', body })).status).toBe(401);
  });

  test('answers 401 to a refresh token, an id_token, and a token that was revoked or expired', async () => {
    const { accessToken, refreshToken, answer } = await client.connect({}, { scope: 'openid' });
    expect((await userinfo(refreshToken)).status).toBe(401);
    expect((await userinfo(String(answer.json.id_token))).status).toBe(401);
    await client.revoke(refreshToken);
    expect((await userinfo(accessToken)).status).toBe(401);
    const { accessToken: other } = await client.connect({}, { scope: 'openid' });
    await server.advance(61 * MINUTE);
    expect((await userinfo(other)).status).toBe(401);
  });

  test('obeys the MCP access policy at once', async () => {
    const { accessToken } = await client.connect({ organization: 'Beacon Labs' }, { scope: 'openid' });
    await directory(server, 'mcp-access', 'off', 'Beacon Labs');
    const off = await userinfo(accessToken);
    await directory(server, 'mcp-access', 'on', 'Beacon Labs');
    expect(off.status).toBe(401);
    expect((await userinfo(accessToken)).status).toBe(200);
  });
});
