/** A registration that asks for more than an MCP client may have: dropped or refused. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { basic, form, request, TestClient } from '../support/client.js';
import { registerWith } from '../support/clientRow.js';
import { clientRedirect, Person } from '../support/person.js';
import { startServer, type TestServer } from '../support/server.js';

const REDIRECT_URI = 'http://127.0.0.1:8765/callback';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server?.stop());

const register = (metadata: object) =>
  registerWith(server, JSON.stringify({ redirect_uris: [REDIRECT_URI], ...metadata }));
const token = (parameters: Record<string, string>, headers: Record<string, string> = {}) =>
  request(server.url('/token'), { method: 'POST', headers, body: form(parameters) });

test.each([
  ['client_credentials'],
  ['implicit'],
  ['password'],
  ['urn:ietf:params:oauth:grant-type:device_code'],
  ['urn:ietf:params:oauth:grant-type:jwt-bearer'],
  ['urn:openid:params:grant-type:ciba'],
  ['urn:ietf:params:oauth:grant-type:token-exchange'],
])('the grant type %s is dropped, and gives no token to a client with a secret', async (grant) => {
  const { status, json } = await register({
    grant_types: ['authorization_code', grant],
    token_endpoint_auth_method: 'client_secret_basic',
  });
  expect(status).toBe(201);
  expect(json.grant_types).not.toContain(grant);
  const answer = await token(
    { grant_type: grant, scope: 'mcp:read', username: 'ada@example.com', password: 'demo-password' },
    basic(String(json.client_id), String(json.client_secret)),
  );
  expect(answer.status).toBe(400);
  expect(['unauthorized_client', 'unsupported_grant_type']).toContain(answer.json.error);
});

test.each(['token', 'id_token', 'code id_token', 'code token', 'none'])(
  'the response type %s is dropped, and answered with an error in the query',
  async (type) => {
    const { status, json } = await register({ response_types: [type], grant_types: ['implicit'] });
    expect(status).toBe(201);
    expect(json.response_types).toEqual(['code']);
    const template = await TestClient.register(server);
    const { url } = template.authorize({ client_id: String(json.client_id), response_type: type, nonce: 'n' });
    const redirect = clientRedirect(await new Person().open(url));
    expect(redirect.searchParams.get('error')).toBe('unsupported_response_type');
    expect(redirect.hash).toBe('');
  },
);

describe('Metadata that is private to this server', () => {
  const PRIVATE = {
    client_id: 'demo-mcp-server',
    client_secret: 'chosen-by-the-client-0123456789-0123456789',
    client_secret_expires_at: 1,
    client_id_issued_at: 1,
    registration_access_token: 'x',
    registration_client_uri: 'https://evil.example/',
    jwks: { keys: [{ kty: 'oct', k: 'AA' }] },
    jwks_uri: 'https://internal.example/jwks',
    request_uris: ['https://internal.example/request'],
    sector_identifier_uri: 'https://internal.example/sector',
    initiate_login_uri: 'https://internal.example/login',
    backchannel_logout_uri: 'https://internal.example/logout',
    post_logout_redirect_uris: ['https://evil.example/'],
    id_token_signed_response_alg: 'none',
    userinfo_signed_response_alg: 'none',
    introspection_signed_response_alg: 'none',
    authorization_signed_response_alg: 'none',
    subject_type: 'pairwise',
    default_acr_values: ['0'],
    require_signed_request_object: true,
    require_pushed_authorization_requests: true,
    tls_client_certificate_bound_access_tokens: true,
    dpop_bound_access_tokens: true,
    scope: 'admin everything',
    software_statement: 'eyJhbGciOiJub25lIn0.e30.',
    verifiedHost: 'claude.ai',
    keptUntil: 9_999_999_999_999,
    freshUntil: 9_999_999_999_999,
    metadata: { redirect_uris: ['https://evil.example/'] },
    revision: 7,
    is_first_party: true,
  };

  test('is dropped all at once, and the client works as any other', async () => {
    const { status, json, text } = await register(PRIVATE);
    expect(status).toBe(201);
    expect(json.client_id).toMatch(/^dcr_/);
    expect(text).not.toMatch(/evil\.example|internal\.example|chosen-by-the-client|claude\.ai|pairwise/);
    expect(Number(json.client_id_issued_at)).toBeGreaterThan(1_700_000_000);
    const template = await TestClient.register(server);
    const page = await new Person().openConsent(template.authorize({ client_id: String(json.client_id) }).url);
    expect(page.html.textContent).toContain('Unverified');
  });

  test.each(Object.keys(PRIVATE))('%s is dropped or refused by itself', async (name) => {
    const answer = await register({ [name]: PRIVATE[name as keyof typeof PRIVATE] });
    expect([201, 400]).toContain(answer.status);
    if (answer.status === 201 && name in answer.json)
      expect(answer.json[name]).not.toEqual(PRIVATE[name as keyof typeof PRIVATE]);
  });
});

test('a secret is made by the server, is different for each client, and is stored by nobody in clear', async () => {
  const secrets = new Set<unknown>();
  for (let i = 0; i < 3; i++) {
    const { json } = await register({ token_endpoint_auth_method: 'client_secret_post' });
    expect(String(json.client_secret).length).toBeGreaterThanOrEqual(43);
    secrets.add(json.client_secret);
  }
  expect(secrets.size).toBe(3);
});

test('a registration cannot be read, changed or deleted by anybody (RFC 7592 is off)', async () => {
  const client = await TestClient.register(server);
  for (const method of ['GET', 'PUT', 'DELETE', 'PATCH']) {
    const answer = await request(server.url(`/register/${client.clientId}`), {
      method,
      headers: { authorization: 'Bearer x' },
    });
    expect(answer.status).toBe(404);
  }
  expect((await new Person().open(client.authorize().url)).status).toBe(200);
});
