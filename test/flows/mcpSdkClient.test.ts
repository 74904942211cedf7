/** The MCP TypeScript SDK's client, the demo MCP server and this authorization server, over HTTP. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import { type ServerWithDemo, startServerWithDemo } from '../support/demoServer.js';
import { directory } from '../support/directory.js';
import { connectMcp, MemoryAuth, whoAmI } from '../support/mcpClient.js';
import { Person } from '../support/person.js';

const MINUTE = 60_000;

let both: ServerWithDemo;
beforeAll(async () => {
  both = await startServerWithDemo();
});
afterAll(() => both?.stop());

const removeOnPage = async (connectionId: string): Promise<void> => {
  const person = new Person();
  await person.signIn(await person.open(both.server.url('/login?return_to=%2Faccount%2Fconnections')));
  const path = `/account/connections/${connectionId}/remove`;
  const confirmation = await person.open(both.server.url(path));
  const after = await person.browser.submit(confirmation, `form[action$="${path}"]`);
  expect(after.status).toBe(200);
};

describe('an MCP client built with the TypeScript SDK', () => {
  test('connects from nothing but the URL and acts in the organization that its person chose', async () => {
    const auth = new MemoryAuth();
    const client = await connectMcp(both.resource, auth, { organization: 'Beacon Labs' });

    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(['whoami', 'list_notes', 'add_note']);
    expect(await whoAmI(client)).toMatchObject({
      account: 'ada@example.com',
      organization: { name: 'Beacon Labs' },
      roles: [{ role: 'key-viewer', app: 'storefront', keyset: 'production' }],
    });
    expect(auth.opened).toHaveLength(1);
    await client.close();
  });

  test('sees the notes of its own organization and no others', async () => {
    const inAcme = await connectMcp(both.resource, new MemoryAuth(), { organization: 'Acme Robotics' });
    const inBeacon = await connectMcp(both.resource, new MemoryAuth(), { organization: 'Beacon Labs' });
    await inAcme.callTool({ name: 'add_note', arguments: { text: 'only in Acme' } });

    const ofAcme = await inAcme.callTool({ name: 'list_notes' });
    const ofBeacon = await inBeacon.callTool({ name: 'list_notes' });
    expect(ofAcme.structuredContent).toMatchObject({ notes: ['ada@example.com: only in Acme'] });
    expect(ofBeacon.structuredContent).toMatchObject({ notes: [] });
    await Promise.all([inAcme.close(), inBeacon.close()]);
  });

  test('refreshes by itself when its access token has expired', async () => {
    const auth = new MemoryAuth();
    const client = await connectMcp(both.resource, auth);
    const before = { ...auth.stored.tokens };
    await both.server.advance(61 * MINUTE);

    expect((await whoAmI(client)).organization.name).toBe('Acme Robotics');
    expect(auth.stored.tokens?.access_token).not.toBe(before.access_token);
    expect(auth.stored.tokens?.refresh_token).not.toBe(before.refresh_token);
    expect(auth.opened).toHaveLength(1);
    await client.close();
  });

  test('loses access at once when its person removes the connection, and connects anew', async () => {
    const auth = new MemoryAuth();
    const client = await connectMcp(both.resource, auth);
    const { connection } = await whoAmI(client);
    await removeOnPage(connection);

    await expect(whoAmI(client)).rejects.toThrow(UnauthorizedError);
    expect(auth.opened).toHaveLength(2);
    await client.close();

    const again = await connectMcp(both.resource, auth);
    expect((await whoAmI(again)).connection).not.toBe(connection);
    await again.close();
  });

  test('loses access while MCP access is off, and the tokens it kept work when it is on again', async () => {
    const auth = new MemoryAuth();
    const client = await connectMcp(both.resource, auth);
    const held = { ...auth.stored.tokens };

    await directory(both.server, 'mcp-access', 'off', 'Acme Robotics');
    try {
      await expect(whoAmI(client)).rejects.toThrow(/^MCP access is switched off for this organization/);
    } finally {
      await directory(both.server, 'mcp-access', 'on', 'Acme Robotics');
    }

    expect((await whoAmI(client)).organization.name).toBe('Acme Robotics');
    expect(auth.stored.tokens).toEqual(held);
    await both.server.advance(61 * MINUTE);
    expect((await whoAmI(client)).organization.name).toBe('Acme Robotics');
    expect(auth.stored.tokens?.refresh_token).not.toBe(held.refresh_token);
    await client.close();
  });
});

test('an issuer with a path is found, and connects clients in the same way', async () => {
  const withPath = await startServerWithDemo({ issuerPath: '/oauth' });
  try {
    const client = await connectMcp(withPath.resource, new MemoryAuth(), { organization: 'Ada Lovelace' });
    expect((await whoAmI(client)).roles).toEqual([{ role: 'account-owner' }]);
    await client.close();
  } finally {
    await withPath.stop();
  }
});
