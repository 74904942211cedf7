/** Parameters sent twice, and credentials in two places (RFC 6749 §3.1, §3.2, §2.3): invalid_request. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Answer, basic, DEMO_RESOURCE_SERVER, form, introspect, request, TestClient } from '../support/client.js';
import { registerWith } from '../support/clientRow.js';
import { Person } from '../support/person.js';
import { rawRequest, sendRaw } from '../support/raw.js';
import { startServer, type TestServer } from '../support/server.js';

let server: TestServer;
let client: TestClient;
let confidential: { id: string; secret: string };
beforeAll(async () => {
  server = await startServer();
  client = await TestClient.register(server);
  const metadata = { redirect_uris: [client.redirectUri], token_endpoint_auth_method: 'client_secret_basic' };
  const { json } = await registerWith(server, JSON.stringify(metadata));
  confidential = { id: String(json.client_id), secret: String(json.client_secret) };
});
afterAll(() => server?.stop());

const send = (path: string, body: URLSearchParams, headers: Record<string, string> = {}): Promise<Answer> =>
  request(server.url(path), { method: 'POST', headers, body });
const isInvalid = ({ status, json }: Answer): void => expect(`${status} ${json.error}`).toBe('400 invalid_request');

describe('A parameter sent twice', () => {
  test.each(['grant_type', 'code', 'redirect_uri', 'code_verifier', 'client_id'])('%s with a code', async (name) => {
    const { code, verifier } = await client.code();
    const parameters = {
      grant_type: 'authorization_code',
      code,
      code_verifier: verifier,
      redirect_uri: client.redirectUri,
      client_id: client.clientId,
    };
    for (const second of [parameters[name as keyof typeof parameters], 'other', '']) {
      const body = form(parameters);
      body.append(name, second);
      isInvalid(await send('/token', body));
    }
    expect((await client.exchange(code, verifier)).status).toBe(200);
  });

  test.each(['grant_type', 'refresh_token', 'scope', 'client_id'])('%s with a refresh token', async (name) => {
    const { refreshToken } = await client.connect();
    const parameters = {
      grant_type: 'refresh_token',
      refresh_token: refreshToken,
      scope: 'mcp:read',
      client_id: client.clientId,
    };
    const body = form(parameters);
    body.append(name, parameters[name as keyof typeof parameters]);
    isInvalid(await send('/token', body));
    await server.advance(31_000);
    expect((await client.refresh(refreshToken)).status).toBe(200);
  });

  test.each(['token', 'token_type_hint', 'client_id'])('%s of a revocation, which revokes nothing', async (name) => {
    const { accessToken } = await client.connect();
    const parameters = { token: accessToken, token_type_hint: 'access_token', client_id: client.clientId };
    const body = form(parameters);
    body.append(name, parameters[name as keyof typeof parameters]);
    isInvalid(await send('/revoke', body));
    expect((await introspect(server, accessToken)).json.active).toBe(true);
  });

  test.each(['token', 'token_type_hint'])('%s of an introspection', async (name) => {
    const body = form({ token: 'x', token_type_hint: 'access_token' });
    body.append(name, 'x');
    isInvalid(await send('/introspect', body, DEMO_RESOURCE_SERVER));
  });

  test.each(['response_type', 'scope', 'state', 'code_challenge', 'code_challenge_method', 'prompt'])(
    '%s of an authorization request',
    async (name) => {
      const { url } = client.authorize({ scope: 'mcp:read', prompt: 'consent' });
      const value = new URL(url).searchParams.get(name) ?? '';
      const page = await new Person().open(`${url}&${name}=${encodeURIComponent(value)}`);
      expect(page.leftFor?.searchParams.get('error') ?? page.status).toEqual(page.leftFor ? 'invalid_request' : 400);
      expect(page.leftFor?.searchParams.has('code') ?? false).toBe(false);
    },
  );
});

describe('Credentials in header and body', () => {
  test.each(['/token', '/revoke'])('of a client at %s', async (path) => {
    const { id, secret } = confidential;
    const parameters = { grant_type: 'refresh_token', refresh_token: 'x', token: 'x' };
    for (const extra of [{ client_secret: secret }, { client_id: id, client_secret: secret }, { client_secret: 'x' }]) {
      const answer = await send(path, form({ ...parameters, ...extra }), basic(id, secret));
      expect(`${answer.status} ${answer.json.error}`).toMatch(/^(400 invalid_request|401 invalid_client)$/);
    }
  });

  test.each(['/token', '/revoke', '/introspect'])(
    'at %s are in the header alone when the body has their names without values, which count as left out (RFC 6749 §3.2)',
    async (path) => {
      const { id, secret } = confidential;
      const body = form({
        grant_type: 'refresh_token',
        refresh_token: 'x',
        token: 'x',
        client_id: '',
        client_secret: '',
      });
      const answer = await send(path, body, path === '/introspect' ? DEMO_RESOURCE_SERVER : basic(id, secret));
      expect(`${answer.status} ${answer.text}`).toMatch(/^(200|400 .*invalid_grant)/);
    },
  );

  test('of a client that are wrong are asked for with a realm (RFC 7617 §2)', async () => {
    for (const path of ['/token', '/revoke', '/introspect']) {
      const { status, headers } = await send(path, form({ token: 'x' }), basic('x', 'y'));
      expect([status, headers.get('www-authenticate')]).toEqual([401, `Basic realm="${server.issuer}"`]);
    }
  });

  test('of two clients at the token endpoint', async () => {
    const { refreshToken } = await client.connect();
    const parameters = { grant_type: 'refresh_token', refresh_token: refreshToken, client_id: client.clientId };
    const answer = await send('/token', form(parameters), basic(confidential.id, confidential.secret));
    isInvalid(answer);
  });

  test('of a resource server at introspection, right or wrong', async () => {
    for (const client_secret of ['demo-mcp-server-secret', 'x'])
      isInvalid(await send('/introspect', form({ token: 'x', client_secret }), DEMO_RESOURCE_SERVER));
    isInvalid(await send('/introspect', form({ token: 'x', client_id: 'other' }), DEMO_RESOURCE_SERVER));
  });

  test.each([
    ['/introspect', 'POST', () => DEMO_RESOURCE_SERVER.authorization ?? '', 'Basic eDp5'],
    ['/revoke', 'POST', () => basic(confidential.id, confidential.secret).authorization ?? '', 'Basic eDp5'],
    ['/userinfo', 'GET', (token: string) => `Bearer ${token}`, 'Bearer x'],
  ])('in two Authorization headers at %s, in whichever order, are refused', async (path, method, right, wrong) => {
    const { accessToken } = await client.connect();
    const first = right(accessToken);
    const type = 'Content-Type: application/x-www-form-urlencoded';
    for (const headers of [
      [first, wrong],
      [wrong, first],
      [first, first],
    ]) {
      const lines = headers.map((value) => `Authorization: ${value}`);
      const body = method === 'POST' ? `token=${accessToken}` : undefined;
      const answer = await sendRaw(server.port, rawRequest(method, path, [...lines, type], body));
      expect([headers, answer.status]).toEqual([headers, 401]);
    }
  });

  test('do not help a body that says in two headers what it is', async () => {
    const { accessToken } = await client.connect();
    const types = ['application/x-www-form-urlencoded', 'application/json'].map((type) => `Content-Type: ${type}`);
    const headers = [`Authorization: ${DEMO_RESOURCE_SERVER.authorization}`, ...types];
    const answer = await sendRaw(server.port, rawRequest('POST', '/introspect', headers, `token=${accessToken}`));
    expect(answer.status).toBe(415);
  });
});
