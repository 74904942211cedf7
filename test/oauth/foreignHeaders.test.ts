/** Headers that clients send along to every server, and that are meant for another one. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { form, introspect, request, TestClient, tokensOf } from '../support/client.js';
import { registerWith } from '../support/clientRow.js';
import { rawRequest, sendRaw } from '../support/raw.js';
import { startServer, type TestServer } from '../support/server.js';

let server: TestServer;
let client: TestClient;
beforeAll(async () => {
  server = await startServer();
  client = await TestClient.register(server);
});
afterAll(() => server?.stop());

const post = (path: string, authorization: string, parameters: Record<string, string>) =>
  request(server.url(path), { method: 'POST', headers: { authorization }, body: form(parameters) });

describe.each(['Bearer a.b-c_d~e+/f==', 'DPoP abc', 'Token abc'])(
  'A client that sends "Authorization: %s"',
  (header) => {
    test('and names itself in the body refreshes and revokes', async () => {
      const { refreshToken } = await client.connect();
      const named = { client_id: client.clientId };
      const fresh = tokensOf(
        await post('/token', header, { grant_type: 'refresh_token', refresh_token: refreshToken, ...named }),
      );
      expect((await introspect(server, fresh.accessToken)).json.active).toBe(true);
      expect((await post('/revoke', header, { token: fresh.refreshToken, ...named })).status).toBe(200);
      expect((await introspect(server, fresh.accessToken)).json.active).toBe(false);
    });

    test('and has a secret authenticates with the one in the body, and with that alone', async () => {
      const metadata = { redirect_uris: [client.redirectUri], token_endpoint_auth_method: 'client_secret_post' };
      const { json } = await registerWith(server, JSON.stringify(metadata));
      const credentials = { client_id: String(json.client_id), client_secret: String(json.client_secret) };
      const revocation = { token: 'unknown', ...credentials };
      expect((await post('/revoke', header, revocation)).status).toBe(200);
      for (const client_secret of ['', 'wrong'])
        expect((await post('/revoke', header, { ...revocation, client_secret })).json.error).toBe('invalid_client');
    });

    test('and does not name itself is asked to, without a challenge', async () => {
      const { status, json, headers } = await post('/revoke', header, { token: 'unknown' });
      expect(`${status} ${json.error}`).toBe('401 invalid_client');
      expect(headers.has('www-authenticate')).toBe(false);
    });
  },
);

test.each([
  ['Bearer abc', 'Basic eDp5'],
  ['Basic eDp5', 'Bearer abc'],
  ['Bearer abc', 'Bearer abc'],
])('Two Authorization headers, %s and %s, are refused', async (first, second) => {
  const body = `token=unknown&client_id=${client.clientId}`;
  const headers = [
    'Content-Type: application/x-www-form-urlencoded',
    `Authorization: ${first}`,
    `Authorization: ${second}`,
  ];
  expect((await sendRaw(server.port, rawRequest('POST', '/revoke', headers, body))).status).toBe(401);
});

test.each(['/token', '/register', '/.well-known/oauth-authorization-server'])(
  'A web client may send any header to %s, and Authorization',
  async (path) => {
    const headers = {
      origin: 'https://client.example',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,traceparent,x-my-gateway',
    };
    const answer = await request(server.url(path), { method: 'OPTIONS', headers });
    const allowed = (answer.headers.get('access-control-allow-headers') ?? '').toLowerCase().split(/ *, */);
    expect(allowed).toEqual(expect.arrayContaining(['*', 'authorization']));
    expect(answer.headers.has('access-control-allow-credentials')).toBe(false);
  },
);
