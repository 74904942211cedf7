/** PubNub's MCP server, with the SDKs 1.x and 2.x and mcp-remote in front of it. */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { z } from 'zod';
import { ConfigFile } from '../../src/configFile.js';
import { codeBlocks } from '../docs/markdown.js';
import { freePort } from '../support/childServer.js';
import { basic, introspect, request } from '../support/client.js';
import { directory } from '../support/directory.js';
import { connectMcp, MemoryAuth } from '../support/mcpClient.js';
import { connectMcp2, MemoryAuth2 } from '../support/mcpClient2.js';
import { startMcpRemote } from '../support/mcpRemote.js';
import { LIST_APPS, startAdminApi, startPubnubServer } from '../support/pubnubServer.js';
import { startServer, type TestServer } from '../support/server.js';

const ADMIN_API = 'https://admin.pubnub.example/';
const ADMIN_CREDENTIALS = basic('admin-api', 'secret-of-the-admin-api');

/** Where its metadata names the issuer: at the bare origin, which is an alias here. */
const configFor = (resource: string) => (issuer: string) => ({
  issuerAliases: [new URL(issuer).origin],
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
});

let server: TestServer;
let origin: string;
let resource: string;
const running: { stop(): Promise<void> }[] = [];
beforeAll(async () => {
  const port = await freePort();
  const adminPort = await freePort();
  resource = `http://localhost:${port}/`;
  server = await startServer({ issuerPath: '/oauth', config: configFor(resource) });
  running.push(server);
  origin = new URL(server.issuer).origin;
  const settings = {
    OAUTH_ISSUER: server.issuer,
    MCP_RESOURCE_URL: resource,
    ADMIN_API_RESOURCE_URL: ADMIN_API,
    ADMIN_API_V2_URL: `http://localhost:${adminPort}`,
    OAUTH_CLIENT_ID: 'pubnub-mcp',
    OAUTH_CLIENT_SECRET: 'secret-of-the-mcp-server',
  };
  // The admin API asks for each token's validity, and answers with what it learned.
  const known = async (token: string) => {
    const { json } = await introspect(server, token, ADMIN_CREDENTIALS);
    return json.active === true ? json : undefined;
  };
  running.push(await startAdminApi(adminPort, known));
  running.push(await startPubnubServer(settings, port));
});
afterAll(async () => {
  for (const each of running.toReversed()) await each.stop();
});

/** What the admin API knows of the token that the tool's call was exchanged for. */
const knownFrom = (content: unknown): unknown => {
  const [first] = z.array(z.object({ text: z.string() })).parse(content);
  const { apps } = z.object({ apps: z.array(z.object({ name: z.string() })) }).parse(JSON.parse(first?.text ?? ''));
  return JSON.parse(apps[0]?.name ?? '');
};
const listApps = async (client: Client) => knownFrom((await client.callTool(LIST_APPS)).content);

test('the configuration file of docs/clients.md is one, and has what these tests run with', () => {
  const [, page = ''] = readFileSync('docs/clients.md', 'utf8').split("### PubNub's MCP server");
  const block = codeBlocks(page).find(({ language }) => language === 'json');
  const file = ConfigFile.parse(JSON.parse(block?.text ?? ''));
  const ours = ConfigFile.parse(configFor(resource)(server.issuer));
  expect(file.issuerAliases).toHaveLength(1);
  const shapeOf = ({ resources, resourceServers }: ConfigFile) => ({
    formats: resources.map((each) => [each.accessTokenFormat, each.accessTokenSigningAlg]),
    servers: resourceServers.map((each) => [each.clientId, each.exchangeFor.length]),
  });
  expect(shapeOf(file)).toEqual(shapeOf(ours));
});

describe("PubNub's MCP server", () => {
  test('names the issuer without its path, and an alias there is the issuer that clients compare', async () => {
    const atResource = await request(`${resource}.well-known/oauth-protected-resource`);
    expect(atResource.json).toMatchObject({ resource, authorization_servers: [origin] });
    const atRoot = await request(`${origin}/.well-known/oauth-authorization-server`);
    expect(atRoot.json).toMatchObject({ issuer: origin, token_endpoint: `${origin}/token` });
  });

  test('runs unmodified: the client connects, and the admin API knows for whom it is asked', async () => {
    const auth = new MemoryAuth();
    const client = await connectMcp(resource, auth, { organization: 'Beacon Labs' });
    expect(auth.opened[0]?.href.startsWith(`${origin}/authorize?`)).toBe(true);
    expect(auth.opened[0]?.searchParams.get('scope')).toBe('openid email profile offline_access');
    expect(auth.opened[0]?.searchParams.get('resource')).toBe(resource);
    expect(auth.stored.tokens?.id_token).toBeTruthy();

    expect(await listApps(client)).toMatchObject({
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
    expect(await listApps(client)).toMatchObject({ active: true, org_name: 'Acme Robotics' });
    expect(auth.stored.tokens?.access_token).not.toBe(before);
    expect(auth.opened).toHaveLength(1);
    await client.close();
  });

  test('refuses at the next call when MCP access is switched off, and works when it is on again', async () => {
    const auth = new MemoryAuth();
    const client = await connectMcp(resource, auth, { organization: 'Beacon Labs' });
    await directory(server, 'mcp-access', 'off', 'Beacon Labs');
    try {
      await expect(listApps(client)).rejects.toThrow(/^MCP access is switched off for this organization/);
    } finally {
      await directory(server, 'mcp-access', 'on', 'Beacon Labs');
    }
    expect(await listApps(client)).toMatchObject({ active: true });
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
    await expect(listApps(client)).rejects.toThrow(UnauthorizedError);
    await client.close();
    const again = await connectMcp(resource, auth);
    expect(await listApps(again)).toMatchObject({ active: true });
    await again.close();
  });

  test('SDK 2.x, which compares issuers, connects and refreshes without another browser', async () => {
    const auth = new MemoryAuth2();
    const { client } = await connectMcp2(resource, auth, { organization: 'Beacon Labs' });
    const list = async () => knownFrom((await client.callTool(LIST_APPS)).content);
    expect(auth.opened[0]?.href.startsWith(`${origin}/authorize?`)).toBe(true);
    const before = auth.stored.tokens?.access_token;
    expect(await list()).toMatchObject({ active: true, aud: ADMIN_API, org_name: 'Beacon Labs', iss: server.issuer });
    await server.advance(11 * 60_000);
    expect(await list()).toMatchObject({ active: true });
    expect(auth.stored.tokens?.access_token).not.toBe(before);
    expect(auth.opened).toHaveLength(1);
    await client.close();
  });

  test('mcp-remote, which compares issuers, connects, refreshes and starts again without asking', async () => {
    const home = await mkdtemp(join(tmpdir(), 'mcp-remote-'));
    const opened: string[] = [];
    const host = { resource, home, port: await freePort(), opened: (url: string) => void opened.push(url) };
    try {
      const first = await startMcpRemote(host);
      expect(await listApps(first)).toMatchObject({ active: true, aud: ADMIN_API, org_name: 'Acme Robotics' });
      await server.advance(11 * 60_000);
      expect(await listApps(first)).toMatchObject({ active: true });
      await first.close();
      const second = await startMcpRemote(host);
      expect(await listApps(second)).toMatchObject({ active: true });
      await second.close();
      expect(opened.map((url) => url.split('?')[0])).toEqual([`${origin}/authorize`]);
    } finally {
      await rm(home, { recursive: true, force: true });
    }
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
