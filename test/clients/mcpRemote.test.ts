/** mcp-remote: its own command line, run against the demo MCP server, with a person at the browser it opens. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { removeConnection } from '../support/account.js';
import { freePort } from '../support/childServer.js';
import { describeRows, RESOURCE } from '../support/clientRow.js';
import { type ServerWithDemo, startServerWithDemo } from '../support/demoServer.js';
import { directory } from '../support/directory.js';
import { whoAmI } from '../support/mcpClient.js';
import { startMcpRemote } from '../support/mcpRemote.js';
import { Person } from '../support/person.js';

describeRows({
  'dynamic registration, refreshing with less scope': {
    registration: JSON.stringify({
      redirect_uris: ['http://localhost:3334/oauth/callback'],
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      client_name: 'MCP CLI Proxy',
      client_uri: 'https://github.com/modelcontextprotocol/mcp-cli',
      software_id: '2e6dc280-f3c3-4e01-99a7-8181dbd1d23d',
      software_version: '0.1.37',
      application_type: 'native',
      scope: 'mcp:read mcp:write',
    }),
    registered: { client_name: 'MCP CLI Proxy', client_uri: 'https://github.com/modelcontextprotocol/mcp-cli' },
    redirectUri: 'http://localhost:3334/oauth/callback',
    authorize: { scope: 'mcp:read mcp:write', prompt: 'consent', resource: RESOURCE },
    exchange: { resource: RESOURCE },
    refresh: { scope: 'mcp:read', resource: RESOURCE },
    scope: 'mcp:read mcp:write',
    refreshedScope: 'mcp:read',
  },
});

describe.each([
  ['at the root of a host', ''],
  ['with a path', '/oauth'],
])('The real mcp-remote, on an issuer %s', (_where, issuerPath) => {
  let both: ServerWithDemo;
  let home: string;
  let opened: number;
  let running: Client[] = [];
  beforeAll(async () => {
    both = await startServerWithDemo({ issuerPath });
  });
  afterAll(() => both?.stop());
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'mcp-remote-'));
    opened = 0;
  });
  afterEach(async () => {
    await Promise.all(running.map((client) => client.close()));
    running = [];
    await rm(home, { recursive: true, force: true });
  });

  const start = async (port: number): Promise<Client> => {
    const client = await startMcpRemote({
      resource: both.resource,
      home,
      port,
      opened: () => {
        opened += 1;
      },
    });
    running.push(client);
    return client;
  };

  test('connects, starts again without asking, refreshes, and asks anew after a removal', async () => {
    const port = await freePort();
    const first = await start(port);
    const { connection } = await whoAmI(first);
    expect(opened).toBe(1);
    await first.close();

    const second = await start(port);
    expect((await whoAmI(second)).connection).toBe(connection);
    await both.server.advance(61 * 60_000);
    expect((await whoAmI(second)).connection).toBe(connection);
    expect(opened).toBe(1);
    await second.close();

    const person = new Person();
    await person.signIn(await person.open(both.server.url('/login')));
    await removeConnection(both.server, person, connection);
    const third = await start(port);
    expect((await whoAmI(third)).connection).not.toBe(connection);
    expect(opened).toBe(2);
  });

  test('MCP access off, used, and on again: no token is dropped, no browser opens, and it says why', async () => {
    const port = await freePort();
    const running = await start(port);
    const { connection } = await whoAmI(running);
    await directory(both.server, 'mcp-access', 'off', 'Acme Robotics');
    try {
      await expect(whoAmI(running)).rejects.toThrow(/MCP access is switched off for this organization/);
      await running.close();
      await expect(start(port)).rejects.toThrow(/MCP access is switched off for this organization/);
    } finally {
      await directory(both.server, 'mcp-access', 'on', 'Acme Robotics');
    }
    const again = await start(port);
    expect((await whoAmI(again)).connection).toBe(connection);
    await both.server.advance(61 * 60_000);
    expect((await whoAmI(again)).connection).toBe(connection);
    expect(opened).toBe(1);
  });
});
