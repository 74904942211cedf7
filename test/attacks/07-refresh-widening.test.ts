/** A refresh that asks for more than was granted, elsewhere, or as somebody else: refused before anything changes. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { form, introspect, request, TestClient, tokensOf } from '../support/client.js';
import { configFor } from '../support/demoServer.js';
import { startServer, type TestServer } from '../support/server.js';

const RESOURCE = 'http://localhost:3001/mcp';
const OTHER = 'https://other.example.com/mcp';

let server: TestServer;
let client: TestClient;
let attacker: TestClient;
beforeAll(async () => {
  const config = await configFor(RESOURCE);
  const other = { indicator: OTHER, name: 'Other', scopes: { 'other:read': 'Read' }, defaultScopes: ['other:read'] };
  server = await startServer({ config: { ...config, resources: [...config.resources, other] } });
  client = await TestClient.register(server);
  attacker = await TestClient.register(server);
});
afterAll(() => server?.stop());

const tries: Record<string, [(refreshToken: string) => ReturnType<TestClient['refresh']>, string]> = {
  'a scope that was not granted': [(token) => client.refresh(token, { scope: 'mcp:read mcp:write' }), 'invalid_scope'],
  'only a scope that was not granted': [(token) => client.refresh(token, { scope: 'openid' }), 'invalid_scope'],
  'a scope that was not granted beside an unknown one': [
    (token) => client.refresh(token, { scope: 'other:read mcp:write' }),
    'invalid_scope',
  ],
  'another resource': [(token) => client.refresh(token, { resource: OTHER }), 'invalid_target'],
  'a resource that nobody knows': [
    (token) => client.refresh(token, { resource: 'https://x.example' }),
    'invalid_target',
  ],
  'a path below the resource': [(token) => client.refresh(token, { resource: `${RESOURCE}/x` }), 'invalid_target'],
  'two resources': [
    (token) => {
      const body = form({ grant_type: 'refresh_token', client_id: client.clientId, refresh_token: token });
      for (const resource of [RESOURCE, OTHER]) body.append('resource', resource);
      return request(server.url('/token'), { method: 'POST', body });
    },
    'invalid_target',
  ],
  'another client': [(token) => attacker.refresh(token), 'invalid_grant'],
  'a client that does not exist': [(token) => client.refresh(token, { client_id: 'nobody' }), 'invalid_client'],
};

test.each(Object.keys(tries))('asking for or as %s is refused, and the token stays unused', async (what) => {
  const [attempt, error] = tries[what] as (typeof tries)[string];
  const { accessToken, refreshToken } = await client.connect({}, { scope: 'mcp:read' });
  const refused = await attempt(refreshToken);
  expect(refused.status).toBeGreaterThanOrEqual(400);
  expect(refused.status).toBeLessThanOrEqual(401);
  expect(refused.json.error).toBe(error);
  expect(refused.text).not.toContain('access_token');
  // Had it been used, this would be reuse.
  await server.advance(31_000);
  expect((await introspect(server, accessToken)).json).toMatchObject({ active: true, scope: 'mcp:read' });
  expect(tokensOf(await client.refresh(refreshToken)).answer.json.scope).toBe('mcp:read');
});

test.each(['other:read', 'mcp:read admin', 'offline_access other:read', 'MCP:WRITE'])(
  'asking for "%s", which the resource does not have, gives what was granted and nothing more',
  async (scope) => {
    const { refreshToken } = await client.connect({}, { scope: 'mcp:read' });
    const { accessToken } = tokensOf(await client.refresh(refreshToken, { scope }));
    expect((await introspect(server, accessToken)).json.scope).toBe('mcp:read');
  },
);

test('a refresh that narrowed its scope does not let the next one go beyond what was granted', async () => {
  const { refreshToken } = await client.connect({}, { scope: 'mcp:read mcp:write' });
  const narrowed = tokensOf(await client.refresh(refreshToken, { scope: 'mcp:read' }));
  expect((await introspect(server, narrowed.accessToken)).json.scope).toBe('mcp:read');
  const wider = await client.refresh(narrowed.refreshToken, { scope: 'mcp:read mcp:write openid' });
  expect(wider.json.error).toBe('invalid_scope');
});
