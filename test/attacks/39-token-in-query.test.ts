/** Secrets in an address, which stands in logs and histories: not looked at (RFC 9700 §4.3.2, OAuth 2.1 §5.1). */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DEMO_RESOURCE_SERVER, form, introspect, request, TestClient, type Tokens } from '../support/client.js';
import { startServer, type TestServer } from '../support/server.js';

let server: TestServer;
let client: TestClient;
let tokens: Tokens;
beforeAll(async () => {
  server = await startServer();
  client = await TestClient.register(server);
  tokens = await client.connect({}, { scope: 'openid mcp:read' });
});
afterAll(() => server?.stop());

const post = (path: string, body = '', headers: Record<string, string> = {}) =>
  request(server.url(path), {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body,
  });

describe('An access token', () => {
  test.each(['access_token', 'token', 'bearer_token', 'authorization'])(
    'in the query as %s gets no claims',
    async (name) => {
      for (const method of ['GET', 'POST']) {
        const answer = await request(server.url(`/userinfo?${name}=${tokens.accessToken}`), { method });
        expect(answer.status).toBe(401);
        expect(answer.text).not.toContain('ada@');
      }
    },
  );

  test('in the body gets no claims either', async () => {
    expect((await post('/userinfo', `access_token=${tokens.accessToken}`)).status).toBe(401);
  });

  test('in a cookie gets no claims', async () => {
    const headers = { cookie: `access_token=${tokens.accessToken}` };
    expect((await request(server.url('/userinfo'), { headers })).status).toBe(401);
  });

  test('in the header does, so the refusals above are of the place', async () => {
    const headers = { authorization: `Bearer ${tokens.accessToken}` };
    expect((await request(server.url('/userinfo'), { headers })).status).toBe(200);
  });

  test('in the query of introspection is a missing one', async () => {
    expect((await post(`/introspect?token=${tokens.accessToken}`, '', DEMO_RESOURCE_SERVER)).status).toBe(400);
    expect((await post(`/introspect?token=${tokens.accessToken}`, 'token=x', DEMO_RESOURCE_SERVER)).json).toEqual({
      active: false,
    });
    const get = await request(server.url(`/introspect?token=${tokens.accessToken}`), { headers: DEMO_RESOURCE_SERVER });
    expect(get.status).toBe(405);
  });

  test('in the query of a revocation revokes nothing', async () => {
    expect(
      (await post(`/revoke?token=${tokens.accessToken}&client_id=${client.clientId}`)).status,
    ).toBeGreaterThanOrEqual(400);
    expect((await post(`/revoke?token=${tokens.accessToken}`, `client_id=${client.clientId}`)).status).toBe(400);
    expect((await introspect(server, tokens.accessToken)).json.active).toBe(true);
  });
});

test('credentials of a resource server in the query are none', async () => {
  const query = form({ client_id: 'demo-mcp-server', client_secret: 'demo-mcp-server-secret' });
  expect((await post(`/introspect?${query}`, `token=${tokens.accessToken}`)).status).toBe(401);
});

test('a refresh token or a code in the query of the token endpoint is none, and is not used up', async () => {
  const { code, verifier } = await client.code();
  const exchange = form({
    grant_type: 'authorization_code',
    client_id: client.clientId,
    code,
    code_verifier: verifier,
    redirect_uri: client.redirectUri,
  });
  const refresh = form({ grant_type: 'refresh_token', client_id: client.clientId, refresh_token: tokens.refreshToken });
  for (const query of [exchange, refresh]) {
    expect((await post(`/token?${query}`)).text).not.toContain('access_token');
    expect((await request(server.url(`/token?${query}`))).status).toBe(405);
  }
  expect((await client.exchange(code, verifier)).status).toBe(200);
  await server.advance(31_000);
  expect((await client.refresh(tokens.refreshToken)).status).toBe(200);
});

test('a password in the query signs nobody in', async () => {
  const answer = await request(server.url('/login?email=ada@example.com&password=demo-password'));
  expect(answer.status).toBe(200);
  expect(answer.headers.getSetCookie().join()).not.toMatch(/^session=/m);
});

test('no answer puts a token or a code into a fragment or an address but the one of the client', async () => {
  const { url } = client.authorize({ response_mode: 'fragment' });
  const answer = await request(url);
  expect(answer.headers.get('location')).not.toContain('#');
});
