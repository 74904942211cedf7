/** Resources and scopes: equivalent spellings, `aud` as the operator wrote it, and which scopes a client ends up with. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { canonicalResource } from '../../src/canonicalResource.js';
import { basic, introspect, request, TestClient, tokensOf } from '../support/client.js';
import { clientRedirect, Person } from '../support/person.js';
import { startServer, type TestServer } from '../support/server.js';

describe('Two spellings name the same resource when they differ', () => {
  test.each([
    ['in the case of the scheme', 'HTTPS://mcp.example.com/mcp', 'https://mcp.example.com/mcp'],
    ['in the case of the host', 'https://MCP.Example.com/mcp', 'https://mcp.example.com/mcp'],
    ['by the default port of https', 'https://mcp.example.com:443/mcp', 'https://mcp.example.com/mcp'],
    ['by the default port of http', 'http://localhost:80/mcp', 'http://localhost/mcp'],
    ['by the slash of a bare origin', 'https://mcp.example.com/', 'https://mcp.example.com'],
    ['by the slash of a bare origin with a port', 'http://localhost:3001/', 'http://localhost:3001'],
  ])('%s', (_how, one, other) => {
    expect(canonicalResource(one)).toBe(canonicalResource(other));
    expect(canonicalResource(one)).toBeDefined();
  });
});

describe('Two spellings name different resources when they differ', () => {
  test.each([
    ['in the case of the path', 'https://mcp.example.com/MCP', 'https://mcp.example.com/mcp'],
    ['by the slash behind a path', 'https://mcp.example.com/mcp/', 'https://mcp.example.com/mcp'],
    ['in the scheme', 'http://mcp.example.com/mcp', 'https://mcp.example.com/mcp'],
    ['in the port', 'https://mcp.example.com:8443/mcp', 'https://mcp.example.com/mcp'],
    ['in the query', 'https://mcp.example.com/mcp?a=1', 'https://mcp.example.com/mcp'],
    ['by a subdomain', 'https://a.mcp.example.com/', 'https://mcp.example.com/'],
  ])('%s', (_how, one, other) => {
    expect(canonicalResource(one)).not.toBe(canonicalResource(other));
  });
});

test.each([
  '',
  'mcp.example.com',
  '/mcp',
  'urn:mcp:server',
  'https://',
  'https://mcp.example.com/#part',
  'https://user@mcp.example.com/',
  'ftp://mcp.example.com/',
])('"%s" is no resource indicator (RFC 8707 §2)', (text) => {
  expect(canonicalResource(text)).toBeUndefined();
});

const SPELLED = 'https://Mixed.Example.com:443/MCP/';
const BARE = 'https://bare.example.com';
const SLASH = 'https://slash.example.com/';
const TWIN = 'https://twin.example.com/mcp';
const TWINS = [TWIN, `${TWIN}/`, `${TWIN}?tenant=2`];
const SERVER = basic('resource-server', 'secret-of-the-resource-server');
const scopes = { read: 'Read notes', write: 'Write notes', admin: 'Change settings' };
const spelledScopes = { ...scopes, root: 'Do everything' };

describe('The server', () => {
  let server: TestServer;
  let client: TestClient;
  beforeAll(async () => {
    server = await startServer({
      config: {
        resources: [
          {
            indicator: SPELLED,
            name: 'Spelled as nobody would',
            scopes: spelledScopes,
            defaultScopes: ['read', 'write'],
            hiddenScopes: ['root'],
          },
          ...[BARE, SLASH, ...TWINS].map((indicator) => ({
            indicator,
            name: indicator,
            scopes,
            defaultScopes: ['read'],
          })),
        ],
        defaultResource: 'https://mixed.example.com/MCP/',
        resourceServers: [
          {
            clientId: 'resource-server',
            clientSecrets: ['secret-of-the-resource-server'],
            resources: ['https://mixed.example.com/MCP/', `${BARE}/`, SLASH.slice(0, -1), ...TWINS],
          },
        ],
      },
    });
  });
  // What a client was granted before is kept when it connects again.
  beforeEach(async () => {
    client = await TestClient.register(server, SPELLED);
  });
  afterAll(() => server?.stop());

  const audience = async (accessToken: string) => (await introspect(server, accessToken, SERVER)).json.aud;

  test.each([
    ['as the operator wrote it', SPELLED, SPELLED],
    ['in lower case and without the port', 'https://mixed.example.com/MCP/', SPELLED],
    ['without the final slash', 'https://mixed.example.com/MCP', SPELLED],
    ['with a query, as opencode does', `${SPELLED}?codemode=false`, SPELLED],
    ['with a query in place of the final slash', 'https://mixed.example.com/MCP?codemode=false', SPELLED],
    ['as a bare origin with a query', `${BARE}?codemode=false`, BARE],
    ['as one of two that differ by the final slash', `${TWIN}/`, `${TWIN}/`],
    ['as the other of the two', TWIN, TWIN],
    ['as one that differs from them by its query', `${TWIN}?tenant=2`, `${TWIN}?tenant=2`],
    ['as a bare origin with a slash', `${BARE}/`, BARE],
    ['as a bare origin without the slash', SLASH.slice(0, -1), SLASH],
  ])('understands a resource sent %s, and aud is the configured text byte for byte', async (_how, sent, configured) => {
    const sender = TestClient.known(server, client.clientId, client.redirectUri, sent);
    const tokens = await sender.connect();
    expect(await audience(tokens.accessToken)).toBe(configured);
    const repeated = tokensOf(await sender.refresh(tokens.refreshToken, { resource: sent }));
    const refreshed = tokensOf(await sender.refresh(repeated.refreshToken, { resource: configured }));
    expect(await audience(refreshed.accessToken)).toBe(configured);
    expect((await sender.refresh(refreshed.refreshToken, { resource: undefined })).status).toBe(200);
  });

  test('takes the default resource when none is asked for', async () => {
    const anyone = TestClient.known(server, client.clientId, client.redirectUri, SPELLED);
    const { code, verifier } = await anyone.code({}, { resource: undefined });
    const tokens = tokensOf(await anyone.exchange(code, verifier, { resource: undefined }));
    expect(await audience(tokens.accessToken)).toBe(SPELLED);
  });

  test('refuses a resource that differs in what matters, with invalid_target', async () => {
    for (const resource of [
      'https://mixed.example.com/MCP//',
      'https://mixed.example.com/?MCP',
      'https://twin.example.com/mcp?a=1',
      'https://twin.example.com/mcp/?a=1',
      'https://twin.example.com/mcp?tenant=3',
      `${BARE}?x#part`,
      'https://mixed.example.com/mcp/',
      `${BARE}/x`,
      'urn:x',
    ]) {
      const redirect = clientRedirect(await new Person().open(client.authorize({ resource }).url));
      expect(`${resource} ${redirect.searchParams.get('error')}`).toBe(`${resource} invalid_target`);
    }
    const { refreshToken } = await client.connect();
    for (const resource of [BARE, `${SPELLED}/`, `${SPELLED}x?codemode=false`]) {
      const answer = await client.refresh(refreshToken, { resource });
      expect(`${resource} ${answer.status} ${answer.json.error}`).toBe(`${resource} 400 invalid_target`);
    }
    const ofTwin = await TestClient.known(server, client.clientId, client.redirectUri, TWIN).connect();
    for (const resource of [`${TWIN}/`, `${TWIN}?tenant=2`, `${TWIN}?tenant=3`])
      expect((await client.refresh(ofTwin.refreshToken, { resource })).json.error).toBe('invalid_target');
  });

  test.each<[string, string | undefined, string]>([
    ['its default scopes when none are asked for', undefined, 'read write'],
    ['its default scopes for an empty text', '', 'read write'],
    ['its default scopes when none of those asked for is known', 'everything claudeai', 'read write'],
    ['what was asked for, without what is unknown', 'admin everything read', 'admin read'],
    ['each scope once', 'read read write read', 'read write'],
    ['its defaults beside offline_access alone', 'offline_access', 'read write offline_access'],
    ['its defaults beside OpenID scopes alone', 'openid email', 'read write openid email'],
  ])('grants %s', async (_what, scope, granted) => {
    const tokens = await client.connect({}, { scope });
    expect(tokens.answer.json.scope).toBe(granted);
    expect((await introspect(server, tokens.accessToken, SERVER)).json.scope).toBe(granted);
  });

  test.each([undefined, 'consent'])(
    'grants offline_access with prompt=%s; with and without it there is a refresh token',
    async (prompt) => {
      const withIt = await client.connect({}, { scope: 'read offline_access', prompt });
      expect(withIt.answer.json.scope).toBe('read offline_access');
      expect((await client.refresh(withIt.refreshToken)).json.scope).toBe('read offline_access');
      const without = await client.connect({}, { scope: 'read' });
      expect((await client.refresh(without.refreshToken)).status).toBe(200);
    },
  );

  test.each([
    ['what was asked for at /authorize', 'read everything', 'read'],
    ['offline_access appended, which was not granted', 'read offline_access', 'read'],
    ['offline_access alone', 'offline_access', 'read'],
    ['nothing that is known', 'everything claudeai', 'read'],
    ['an empty text', '', 'read'],
    ['a scope twice and a leading space', ' read read', 'read'],
  ])('refreshes a connection of "read" when the request repeats %s', async (_what, scope, granted) => {
    const { refreshToken } = await client.connect({}, { scope: 'read everything' });
    const refreshed = await client.refresh(refreshToken, { scope });
    expect(refreshed.json.scope).toBe(granted);
    const { accessToken } = tokensOf(refreshed);
    expect((await introspect(server, accessToken, SERVER)).json.scope).toBe(granted);
  });

  test.each(['read write', 'openid read'])('refuses a refresh for "%s" where only read was granted', async (scope) => {
    const { refreshToken } = await client.connect({}, { scope: 'read' });
    const refused = await client.refresh(refreshToken, { scope });
    expect(`${refused.status} ${refused.json.error}`).toBe('400 invalid_scope');
    expect((await client.refresh(refreshToken)).status).toBe(200);
  });

  test('lets a client step up to more than it registered with or had before, beside its older connection', async () => {
    const registered = await request(server.url('/register'), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ redirect_uris: ['http://127.0.0.1/cb'], scope: 'read' }),
    });
    expect(registered.json.scope).toBe('read');
    const id = String(registered.json.client_id);
    const narrow = TestClient.known(server, id, 'http://127.0.0.1:5555/cb', SPELLED);
    const before = await narrow.connect({}, { scope: 'read' });
    expect((await narrow.refresh(before.refreshToken, { scope: 'read write' })).json.error).toBe('invalid_scope');
    const after = await narrow.connect({}, { scope: 'read write admin' });
    expect(after.answer.json.scope).toBe('read write admin');
    expect((await introspect(server, before.accessToken, SERVER)).json.scope).toBe('read');
  });

  test('gives no refresh token to a client that registered grant types without it', async () => {
    const registered = await request(server.url('/register'), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ redirect_uris: ['http://127.0.0.1/cb'], grant_types: ['authorization_code'] }),
    });
    expect(registered.json.grant_types).toEqual(['authorization_code']);
    const codeOnly = TestClient.known(server, String(registered.json.client_id), 'http://127.0.0.1:5555/cb', SPELLED);
    const { code, verifier } = await codeOnly.code({}, { scope: 'read offline_access', prompt: 'consent' });
    const answer = await codeOnly.exchange(code, verifier);
    expect(answer.status).toBe(200);
    expect(answer.json).not.toHaveProperty('refresh_token');
    expect(answer.json.scope).toBe('read');
    const refused = await codeOnly.refresh('any');
    expect(`${refused.status} ${refused.json.error}`).toBe('400 unauthorized_client');
  });

  test('does not advertise a hidden scope, and grants and refreshes it like any other', async () => {
    for (const path of ['oauth-authorization-server', 'openid-configuration']) {
      const { json } = await request(server.url(`/.well-known/${path}`));
      expect(json.scopes_supported).toEqual([
        ...['read', 'write', 'admin', 'openid', 'profile', 'email', 'offline_access'],
      ]);
    }
    const tokens = await client.connect({}, { scope: 'root read' });
    expect(tokens.answer.json.scope).toBe('root read');
    const refreshed = tokensOf(await client.refresh(tokens.refreshToken, { scope: 'root' }));
    expect((await introspect(server, refreshed.accessToken, SERVER)).json.scope).toBe('root');
    const other = await TestClient.register(server, SPELLED);
    const byDefault = await other.connect({}, { scope: undefined });
    expect(byDefault.answer.json.scope).toBe('read write');
    const third = await TestClient.register(server, SPELLED);
    const page = await new Person().openConsent(third.authorize({ scope: 'root' }).url);
    expect(page.html.querySelectorAll('.ability').map((item) => item.textContent.trim())).toEqual(['Do everything']);
  });

  test('names the scopes of a request on the consent page in words, unknown ones left out', async () => {
    const page = await new Person().openConsent(client.authorize({ scope: 'admin everything openid' }).url);
    const abilities = page.html.querySelectorAll('.ability').map((item) => item.textContent.trim());
    expect(abilities).toEqual(['Change settings', 'Know which account you are']);
  });
});
