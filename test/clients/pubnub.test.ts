/** PubNub's way of running a resource server, with the SDK 1.x client in front of it. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { freePort } from '../support/childServer.js';
import { basic, introspect, request } from '../support/client.js';
import { directory } from '../support/directory.js';
import { connectMcp, MemoryAuth } from '../support/mcpClient.js';
import { type PubnubSettings, startPubnubServer } from '../support/pubnubServer.js';
import { startServer, type TestServer } from '../support/server.js';

const ADMIN_API = 'https://admin.pubnub.example/';
const ADMIN_CREDENTIALS = basic('admin-api', 'secret-of-the-admin-api');

let server: TestServer;
let settings: PubnubSettings;
let resource: string;
let stop: () => Promise<void> = async () => undefined;
beforeAll(async () => {
  const port = await freePort();
  resource = `http://localhost:${port}/`;
  server = await startServer({
    issuerPath: '/oauth',
    config: {
      resources: [
        {
          indicator: resource,
          name: 'PubNub MCP server',
          scopes: { 'mcp:use': 'Use PubNub through its MCP server' },
          defaultScopes: ['mcp:use'],
          accessTokenFormat: 'jwt',
          accessTokenSigningAlg: 'RS256',
        },
        {
          indicator: ADMIN_API,
          name: 'Admin API',
          scopes: { 'keys:read': 'List your keys' },
          defaultScopes: ['keys:read'],
        },
      ],
      defaultResource: resource,
      resourceServers: [
        {
          clientId: 'pubnub-mcp',
          clientSecrets: ['secret-of-the-mcp-server'],
          resources: [resource],
          exchangeFor: [{ resource: ADMIN_API, scopes: ['keys:read'] }],
        },
        { clientId: 'admin-api', clientSecrets: ['secret-of-the-admin-api'], resources: [ADMIN_API] },
      ],
    },
  });
  settings = {
    OAUTH_ISSUER: server.issuer,
    MCP_RESOURCE_URL: resource,
    ADMIN_API_RESOURCE_URL: ADMIN_API,
    OAUTH_CLIENT_ID: 'pubnub-mcp',
    OAUTH_CLIENT_SECRET: 'secret-of-the-mcp-server',
  };
  // The admin API asks for each token's validity, and answers with what it learned.
  const adminApi = async (token: string) => (await introspect(server, token, ADMIN_CREDENTIALS)).json;
  stop = (await startPubnubServer(settings, port, adminApi)).stop;
});
afterAll(async () => {
  await stop();
  await server?.stop();
});

const listKeys = async (client: Client) => (await client.callTool({ name: 'list_keys' })).structuredContent;

describe("PubNub's MCP server", () => {
  test('is found by the bare root of the host, which answers with the issuer and its path', async () => {
    const atRoot = await request(`${new URL(server.issuer).origin}/.well-known/oauth-authorization-server`);
    expect(atRoot.json).toMatchObject({ issuer: server.issuer, token_endpoint: server.url('/token') });
    expect(server.issuer).toMatch(/\/oauth$/);
  });

  test('runs unmodified: the client connects, and the admin API knows for whom it is asked', async () => {
    const auth = new MemoryAuth();
    const client = await connectMcp(resource, auth, { organization: 'Beacon Labs' });
    expect(auth.opened[0]?.searchParams.get('scope')).toBe('openid email profile offline_access');
    expect(auth.opened[0]?.searchParams.get('resource')).toBe(resource);
    expect(auth.stored.tokens?.id_token).toBeTruthy();

    expect(await listKeys(client)).toMatchObject({
      active: true,
      aud: ADMIN_API,
      scope: 'keys:read',
      username: 'ada@example.com',
      org_name: 'Beacon Labs',
      client_id: auth.stored.client?.client_id,
      act: { sub: 'pubnub-mcp' },
    });
    await client.close();
  });

  test('goes on when the access token has expired: the client refreshes by itself', async () => {
    const auth = new MemoryAuth();
    const client = await connectMcp(resource, auth);
    const before = auth.stored.tokens?.access_token;
    // Its own clock stands still, so that it takes the token for a good one; the exchange tells it that it is not.
    await server.advance(11 * 60_000);
    expect(await listKeys(client)).toMatchObject({ active: true, org_name: 'Acme Robotics' });
    expect(auth.stored.tokens?.access_token).not.toBe(before);
    expect(auth.opened).toHaveLength(1);
    await client.close();
  });

  test('refuses at the next call when MCP access is switched off, and works when it is on again', async () => {
    const auth = new MemoryAuth();
    const client = await connectMcp(resource, auth, { organization: 'Beacon Labs' });
    await directory(server, 'mcp-access', 'off', 'Beacon Labs');
    try {
      await expect(listKeys(client)).rejects.toThrow(/^MCP access is switched off for this organization/);
    } finally {
      await directory(server, 'mcp-access', 'on', 'Beacon Labs');
    }
    expect(await listKeys(client)).toMatchObject({ active: true });
    await client.close();
  });

  test('refuses at the next call when the connection was removed, and the client connects anew', async () => {
    const auth = new MemoryAuth();
    const client = await connectMcp(resource, auth);
    const body = new URLSearchParams({
      token: auth.stored.tokens?.refresh_token ?? '',
      client_id: auth.stored.client?.client_id ?? '',
    });
    await request(server.url('/revoke'), { method: 'POST', body });
    await expect(listKeys(client)).rejects.toThrow(UnauthorizedError);
    await client.close();
    const again = await connectMcp(resource, auth);
    expect(await listKeys(again)).toMatchObject({ active: true });
    await again.close();
  });

  test('answers 401 to a token of nobody', async () => {
    const call = (token: string) =>
      request(resource, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${token}`,
          accept: 'application/json, text/event-stream',
          'content-type': 'application/json',
        },
        body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }),
      });
    const auth = new MemoryAuth();
    await (await connectMcp(resource, auth)).close();
    const token = auth.stored.tokens?.access_token ?? '';
    expect((await call(token)).status).toBe(200);
    expect((await call(`${token.slice(0, -4)}AAAA`)).status).toBe(401);
    expect((await call('nonsense')).status).toBe(401);
  });
});
