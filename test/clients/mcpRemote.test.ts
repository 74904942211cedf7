/** mcp-remote: its own command line, run against the demo MCP server, with a person at the browser it opens. */
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { removeConnection } from '../support/account.js';
import { freePort } from '../support/childServer.js';
import { describeRows, RESOURCE } from '../support/clientRow.js';
import { type ServerWithDemo, startServerWithDemo } from '../support/demoServer.js';
import { directory } from '../support/directory.js';
import { whoAmI } from '../support/mcpClient.js';
import { Person, signInAndConsent } from '../support/person.js';

const PROXY = join(dirname(createRequire(import.meta.url).resolve('mcp-remote/package.json')), 'dist/proxy.js');
const NO_BROWSER = fileURLToPath(new URL('../support/noBrowser.mjs', import.meta.url));

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

  /** Starts the command line as an MCP client's configuration does; a person answers what it opens. */
  const start = async (port: number): Promise<Client> => {
    const transport = new StdioClientTransport({
      command: process.execPath,
      args: ['--import', NO_BROWSER, PROXY, both.resource, String(port), '--transport', 'http-only'],
      env: { PATH: process.env.PATH ?? '', HOME: home, MCP_REMOTE_CONFIG_DIR: home },
      stderr: 'pipe',
    });
    let printed = '';
    let answered = 0;
    transport.stderr?.on('data', (chunk: Buffer) => {
      printed += chunk;
      const urls = [...printed.matchAll(/by visiting:\s+(http\S+)\s/g)].map((match) => match[1] ?? '');
      for (const url of urls.slice(answered)) {
        answered += 1;
        opened += 1;
        signInAndConsent(url).then(fetch, (error: unknown) => {
          printed += String(error);
        });
      }
    });
    const client = new Client({ name: 'configured-host', version: '1.0.0' });
    running.push(client);
    await client.connect(transport, { timeout: 20_000 }).catch((cause: unknown) => {
      throw new Error(`mcp-remote did not connect:\n${printed}`, { cause });
    });
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
