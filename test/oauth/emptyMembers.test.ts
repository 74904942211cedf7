/** No JSON that clients read has a member that is null or empty: their schemas throw on it, after the server has acted. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Answer, DEMO_RESOURCE_SERVER, form, introspect, request, TestClient } from '../support/client.js';
import { registerWith } from '../support/clientRow.js';
import { startServer, type TestServer } from '../support/server.js';

let server: TestServer;
let client: TestClient;
beforeAll(async () => {
  server = await startServer();
  client = await TestClient.register(server);
});
afterAll(() => server?.stop());

/** The places of members that are null, an empty text, an empty list or an empty object. */
function emptyMembers(value: unknown, place = ''): string[] {
  if (value === null || value === '') return [place];
  if (typeof value !== 'object') return [];
  const members = Object.entries(value);
  if (members.length === 0) return [place];
  return members.flatMap(([name, member]) => emptyMembers(member, `${place}/${name}`));
}

const isFilled = ({ json, text }: Answer): void => {
  expect(text).not.toBe('');
  expect(emptyMembers(json)).toEqual([]);
};

const FIELDS = [
  'client_name',
  'client_uri',
  'logo_uri',
  'policy_uri',
  'tos_uri',
  'jwks_uri',
  'jwks',
  'contacts',
  'scope',
  'software_id',
  'software_version',
  'token_endpoint_auth_method',
  'grant_types',
  'response_types',
  'application_type',
  'client_secret_expires_at',
];

test.each([null, '', [], {}])('Registration with %j for every optional field', async (value) => {
  for (const redirect_uris of [['http://127.0.0.1/cb'], ['https://agent.example/cb']]) {
    const each = FIELDS.map((name) => ({ [name]: value }));
    for (const metadata of [...each, Object.assign({}, ...each)]) {
      const answer = await registerWith(server, JSON.stringify({ redirect_uris, ...metadata }));
      isFilled(answer);
      if (answer.status !== 201) expect(answer.json.error).toBe('invalid_client_metadata');
    }
  }
});

test('Tokens: exchange, refresh, narrowed refresh; each names its scope', async () => {
  for (const scope of ['mcp:read', 'openid email mcp:read', undefined, 'unknown']) {
    const { answer, refreshToken, accessToken } = await client.connect({}, { scope });
    const refreshed = await client.refresh(refreshToken);
    const narrowed = await client.refresh(String(refreshed.json.refresh_token), { scope: 'mcp:read' });
    for (const one of [answer, refreshed, narrowed]) {
      isFilled(one);
      expect(one.json.scope).toMatch(/mcp:read/);
    }
    isFilled(await introspect(server, accessToken));
    if (scope?.includes('openid'))
      isFilled(await request(server.url('/userinfo'), { headers: { authorization: `Bearer ${accessToken}` } }));
  }
});

test('Metadata, keys and errors', async () => {
  for (const path of ['/.well-known/oauth-authorization-server', '/.well-known/openid-configuration', '/jwks'])
    isFilled(await request(server.url(path)));
  for (const [path, parameters] of [
    ['/token', {}],
    ['/token', { grant_type: 'refresh_token', client_id: client.clientId, refresh_token: 'x' }],
    ['/token', { grant_type: 'authorization_code', client_id: 'unknown' }],
    ['/revoke', {}],
    ['/introspect', {}],
  ] as const)
    isFilled(await request(server.url(path), { method: 'POST', body: form(parameters) }));
  isFilled(await introspect(server, 'unknown'));
  const body = form({});
  isFilled(await request(server.url('/introspect'), { method: 'POST', headers: DEMO_RESOURCE_SERVER, body }));
  isFilled(await request(server.url('/userinfo')));
  isFilled(await registerWith(server, '{}'));
});
