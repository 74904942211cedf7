/** The MCP TypeScript SDK 2.x, run for real: it validates `iss`, and steps up by asking for the union of scopes. */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { Client, StreamableHTTPClientTransport, UnauthorizedError } from '@modelcontextprotocol/client';
import { removeConnection } from '../support/account.js';
import { freePort } from '../support/childServer.js';
import { introspect } from '../support/client.js';
import { describeRows, RESOURCE } from '../support/clientRow.js';
import { configFor, startDemoServer } from '../support/demoServer.js';
import { directory } from '../support/directory.js';
import { type DocumentHost, PLAIN_DOCUMENT, startDocumentHost } from '../support/documentHost.js';
import type { WhoAmI } from '../support/mcpClient.js';
import { answerBrowser, type Connected, connectMcp2, MemoryAuth2 } from '../support/mcpClient2.js';
import { Person, signInAndConsent } from '../support/person.js';
import { startServer, type TestServer } from '../support/server.js';

describeRows({
  'dynamic registration': {
    registration: JSON.stringify({
      client_name: 'My agent',
      redirect_uris: ['http://localhost:3030/callback'],
      grant_types: ['authorization_code', 'refresh_token'],
      application_type: 'native',
      scope: 'mcp:read mcp:write offline_access',
    }),
    registered: { application_type: 'native', grant_types: ['authorization_code', 'refresh_token'] },
    redirectUri: 'http://localhost:3030/callback',
    authorize: { scope: 'mcp:read mcp:write offline_access', prompt: 'consent', resource: RESOURCE },
    exchange: { resource: RESOURCE },
    refresh: { resource: RESOURCE },
    scope: 'mcp:read mcp:write offline_access',
  },
});

const whoAmI = async ({ client }: Connected): Promise<WhoAmI> =>
  (await client.callTool({ name: 'whoami' })).structuredContent as unknown as WhoAmI;

describe.each([
  ['at the root of a host', ''],
  ['with a path', '/oauth'],
])('The real SDK 2.x, on an issuer %s', (_where, issuerPath) => {
  let vendor: DocumentHost;
  let server: TestServer;
  let resource: string;
  let stopDemo: () => Promise<void> = async () => undefined;
  beforeAll(async () => {
    // The SDK says on the console that it drops tokens which were refused; here that is what is tested.
    jest.spyOn(console, 'warn').mockImplementation(() => undefined);
    vendor = await startDocumentHost();
    const port = await freePort();
    resource = `http://localhost:${port}/mcp`;
    const clientPolicy = { metadataDocuments: { privateHosts: [vendor.host] } };
    server = await startServer({
      issuerPath,
      config: { ...(await configFor(resource)), clientPolicy },
      env: vendor.env,
    });
    stopDemo = (await startDemoServer(server.issuer, port)).stop;
  });
  afterAll(async () => {
    await stopDemo();
    await server?.stop();
    await vendor?.stop();
  });

  const documented = () =>
    new MemoryAuth2({}, vendor.serve('/sdk2/client.json', { ...PLAIN_DOCUMENT, client_name: 'Documented host' }));

  test.each([
    ['registers', () => new MemoryAuth2()],
    ['has a metadata document', documented],
  ])('a host that %s connects, refreshes, and connects again after a removal', async (_how, newAuth) => {
    const auth = newAuth();
    const connected = await connectMcp2(resource, auth);
    const { connection } = await whoAmI(connected);
    const asked = auth.opened[0]?.searchParams;
    expect(asked?.get('resource')).toBe(resource);
    expect(asked?.get('client_id')).toBe(auth.clientMetadataUrl ?? auth.stored.client?.client_id);

    await server.advance(61 * 60_000);
    expect((await whoAmI(connected)).connection).toBe(connection);
    expect(auth.opened).toHaveLength(1);
    await connected.client.close();

    const person = new Person();
    await person.signIn(await person.open(server.url('/login')));
    await removeConnection(server, person, connection);
    const again = await connectMcp2(resource, auth);
    expect((await whoAmI(again)).connection).not.toBe(connection);
    expect(auth.opened).toHaveLength(2);
    await again.client.close();
  });

  test('MCP access off, used, and on again: no token is dropped, no browser opens, and the host says why', async () => {
    const auth = new MemoryAuth2();
    const connected = await connectMcp2(resource, auth);
    const { connection } = await whoAmI(connected);
    await directory(server, 'mcp-access', 'off', 'Acme Robotics');
    try {
      await expect(whoAmI(connected)).rejects.toThrow(/MCP access is switched off for this organization/);
      await expect(connectMcp2(resource, auth)).rejects.toThrow(/MCP access is switched off for this organization/);
    } finally {
      await directory(server, 'mcp-access', 'on', 'Acme Robotics');
    }
    expect((await whoAmI(connected)).connection).toBe(connection);
    await server.advance(61 * 60_000);
    expect((await whoAmI(connected)).connection).toBe(connection);
    expect(auth.opened).toHaveLength(1);
    await connected.client.close();
  });

  test('steps up: asks for the union of scopes, and the tool that was refused works', async () => {
    const auth = new MemoryAuth2();
    auth.narrowedTo = 'mcp:read';
    const { client, transport } = await connectMcp2(resource, auth);
    expect(auth.stored.tokens?.scope).toBe('mcp:read');
    const addNote = () => client.callTool({ name: 'add_note', arguments: { text: 'stepped up' } });

    await expect(addNote()).rejects.toThrow();
    const asked = auth.opened.at(-1)?.searchParams.get('scope')?.split(' ') ?? [];
    expect(asked).toEqual(expect.arrayContaining(['mcp:read', 'mcp:write']));
    await answerBrowser(transport, auth);
    expect(auth.stored.tokens?.scope).toContain('mcp:read mcp:write');
    expect((await addNote()).isError).not.toBe(true);
    await client.close();
  });

  test('steps up with a host that names only what the MCP server says is missing: what it had is kept', async () => {
    const auth = new MemoryAuth2();
    auth.narrowedTo = 'mcp:read';
    const connected = await connectMcp2(resource, auth);
    const { connection } = await whoAmI(connected);
    const addNote = () => connected.client.callTool({ name: 'add_note', arguments: { text: 'stepped up' } });
    auth.narrowedTo = 'mcp:write';
    await expect(addNote()).rejects.toThrow();
    expect(auth.opened.at(-1)?.searchParams.get('scope')).toBe('mcp:write');
    await answerBrowser(connected.transport, auth);
    expect(auth.stored.tokens?.scope).toBe('mcp:write mcp:read');
    expect((await addNote()).isError).not.toBe(true);
    expect((await whoAmI(connected)).connection).not.toBe(connection);
    await connected.client.close();
  });

  test('a callback that runs twice ends the connection and leaves none behind; one sign-in later it works (docs/adr/0008)', async () => {
    const auth = new MemoryAuth2();
    const transport = new StreamableHTTPClientTransport(new URL(resource), { authProvider: auth });
    const client = new Client({ name: 'host-in-strict-mode', version: '1.0.0' });
    await expect(client.connect(transport)).rejects.toThrow(UnauthorizedError);
    const { searchParams } = await signInAndConsent(auth.opened[0] ?? '');
    const ends = await Promise.allSettled([transport.finishAuth(searchParams), transport.finishAuth(searchParams)]);
    expect(ends.map(({ status }) => status)).toContain('rejected');
    // The SDK drops what it has on `invalid_grant`; what it may have stored after that is dead.
    const { access_token: left } = auth.stored.tokens ?? {};
    if (left) expect((await introspect(server, left)).json.active).toBe(false);
    const person = new Person();
    await person.signIn(await person.open(server.url('/login')));
    const list = await person.open(server.url('/account/connections'));
    expect(list.html.textContent).not.toContain(auth.stored.client?.client_id);
    const connected = await connectMcp2(resource, auth);
    expect((await whoAmI(connected)).organization.name).toBe('Acme Robotics');
    expect(auth.opened).toHaveLength(2);
    await connected.client.close();
  });

  test('refuses an answer that names another issuer, or the same one with a slash behind it', async () => {
    const auth = new MemoryAuth2();
    const transport = new StreamableHTTPClientTransport(new URL(resource), { authProvider: auth });
    const client = new Client({ name: 'strict-host', version: '1.0.0' });
    await expect(client.connect(transport)).rejects.toThrow(UnauthorizedError);
    const { searchParams } = await signInAndConsent(auth.opened[0] ?? '');
    for (const iss of [`${server.issuer}/`, 'https://elsewhere.example.com']) {
      const forged = new URLSearchParams(searchParams);
      forged.set('iss', iss);
      await expect(transport.finishAuth(forged)).rejects.toThrow(/iss/i);
    }
    await transport.finishAuth(searchParams);
    expect(auth.stored.tokens?.access_token).toBeTruthy();
  });
});
