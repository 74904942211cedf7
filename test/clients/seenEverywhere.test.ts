/** What was seen of every MCP client: spellings, repeats, old client ids, and the forms in which they look for metadata. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Answer, introspect, request, TestClient, tokensOf } from '../support/client.js';
import { configFor, type TestConfig } from '../support/demoServer.js';
import { Person } from '../support/person.js';
import { startServer, type TestServer } from '../support/server.js';

const DEMO = 'http://localhost:3001/mcp';
const BARE = 'https://mcp.example.com';
const SLASHED = 'https://slashed.example.com/';

const withOrigins = (config: TestConfig) => ({
  ...config,
  resources: [
    ...config.resources,
    ...[BARE, SLASHED].map((indicator) => ({
      indicator,
      name: indicator,
      scopes: { use: 'Use it' },
      defaultScopes: ['use'],
    })),
  ],
  resourceServers: [
    {
      clientId: 'demo-mcp-server',
      clientSecrets: ['demo-mcp-server-secret'],
      resources: [DEMO, BARE, SLASHED],
    },
  ],
});

describe.each([
  ['at the root of a host', ''],
  ['with a path', '/oauth'],
])('On an issuer %s', (_where, issuerPath) => {
  let server: TestServer;
  let second: TestServer;
  beforeAll(async () => {
    const config = withOrigins(await configFor(DEMO));
    server = await startServer({ issuerPath, config });
    // Another server of the same issuer, beside the first on the same store.
    second = await startServer({ issuerPath, config, dataDir: server.dataDir, env: { ISSUER: server.issuer } });
  });
  afterAll(async () => {
    await second?.stop();
    await server?.stop();
  });

  test.each([
    ['a bare origin is sent with a slash', BARE, `${BARE}/`],
    ['a bare origin is sent without the slash that the operator wrote', SLASHED, SLASHED.slice(0, -1)],
    ['scheme and host are sent in upper case, with the default port', BARE, 'HTTPS://MCP.EXAMPLE.COM:443'],
  ])('%s: the token is for the resource as the operator spelled it', async (_what, configured, sent) => {
    const client = await TestClient.register(server, sent);
    const tokens = await client.connect();
    expect((await introspect(server, tokens.accessToken)).json.aud).toBe(configured);
    const refreshed = tokensOf(await client.refresh(tokens.refreshToken, { resource: configured }));
    expect((await introspect(server, refreshed.accessToken)).json.aud).toBe(configured);
  });

  test('the same refresh token twenty times at once, at two servers, gets the very same response', async () => {
    const client = await TestClient.register(server);
    const { refreshToken } = await client.connect();
    const ports = [server.port, second.port];
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        request(`http://localhost:${ports[i % 2]}${issuerPath}/token`, {
          method: 'POST',
          body: new URLSearchParams({
            grant_type: 'refresh_token',
            refresh_token: refreshToken,
            client_id: client.clientId,
          }),
        }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    const tokens = tokensOf(answers[0] as Answer);
    expect((await introspect(server, tokens.accessToken)).json.active).toBe(true);
    expect((await client.refresh(tokens.refreshToken)).status).toBe(200);
  });

  test('the same refresh token minutes later is reuse: the connection is removed, and the client connects anew', async () => {
    const client = await TestClient.register(server);
    const { refreshToken } = await client.connect();
    const successor = tokensOf(await client.refresh(refreshToken));
    await server.advance(3 * 60_000);
    const reused = await client.refresh(refreshToken);
    expect(`${reused.status} ${reused.json.error}`).toBe('400 invalid_grant');
    expect((await introspect(server, successor.accessToken)).text).toBe('{"active":false}');
    const anew = await client.connect();
    expect((await introspect(server, anew.accessToken)).json.active).toBe(true);
  });

  test('a client_id from months ago gets 401 invalid_client at /token, and a readable page at /authorize', async () => {
    const client = await TestClient.register(server);
    for (const parameters of [
      { grant_type: 'refresh_token', refresh_token: 'x' },
      { grant_type: 'authorization_code', code: 'x', code_verifier: 'x'.repeat(43), redirect_uri: client.redirectUri },
    ]) {
      const answer = await client.token({ ...parameters, client_id: 'dcr_from-months-ago' });
      expect(`${answer.status} ${answer.json.error}`).toBe('401 invalid_client');
    }
    const page = await new Person().open(client.authorize({ client_id: 'dcr_from-months-ago' }).url);
    expect(page.leftFor).toBeUndefined();
    expect(page.status).toBe(400);
    expect(page.html.querySelector('h1')?.textContent).toBeTruthy();
    expect(page.html.textContent).toMatch(/connect again/i);
  });

  test.each(['oauth-authorization-server', 'openid-configuration'])(
    'discovery of %s is probed in three forms, after a preflight and with a version header',
    async (document) => {
      const { origin } = new URL(server.issuer);
      const forms = [
        `${origin}/.well-known/${document}${issuerPath}`,
        `${origin}${issuerPath}/.well-known/${document}`,
        `${origin}/.well-known/${document}`,
      ];
      for (const url of forms) {
        const preflight = await request(url, {
          method: 'OPTIONS',
          headers: {
            origin: 'http://localhost:6274',
            'access-control-request-method': 'GET',
            'access-control-request-headers': 'mcp-protocol-version',
          },
        });
        expect(`${url} ${preflight.status}`).toBe(`${url} 204`);
        expect(preflight.headers.get('access-control-allow-headers')?.toLowerCase()).toContain('mcp-protocol-version');
        const answer = await request(url, {
          headers: { 'mcp-protocol-version': '2025-11-25', origin: 'http://localhost:6274' },
        });
        expect(answer.json.issuer).toBe(server.issuer);
        expect(answer.headers.get('access-control-allow-origin')).toBe('*');
      }
    },
  );

  test('an access token lives an hour, so that tools which dislike short ones need not refresh on every call', async () => {
    const client = await TestClient.register(server);
    expect((await client.connect()).expiresIn).toBe(3600);
  });
});
