/** Organization settings: the switch "Allow MCP connections for all clients". */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { introspect, TestClient } from '../support/client.js';
import { offeredOrganizations, Person } from '../support/person.js';
import { startServer, type TestServer } from '../support/server.js';
import { eventsOf, pathOf, signedIn, words } from './organizationVisit.js';

const ACME = 'Acme Robotics';

let server: TestServer;
let settings: URL;
let client: TestClient;
beforeAll(async () => {
  server = await startServer();
  settings = new URL(server.url(`${await pathOf(server, ACME)}/settings`));
  client = await TestClient.register(server);
});
afterAll(() => server?.stop());

const connect = (name: string) => client.connect({ email: `${name}@example.com`, organization: ACME });
const isActive = async (token: string) => (await introspect(server, token)).json.active;

async function switchOff(admin: Person, values: Record<string, string> = {}) {
  const asked = await admin.open(`${settings}/mcp-access`);
  return admin.browser.submit(asked, '.confirmation button.danger', values);
}
const switchOn = async (admin: Person) => admin.browser.submit(await admin.open(settings), 'button.switch');

describe('the switch', () => {
  test('says in words where it stands, and that nobody moved it yet', async () => {
    const ada = await signedIn(server, 'ada@example.com');
    const page = words(await ada.open(settings));
    expect(page).toContain('Allow MCP connections for all clients');
    expect(page).toContain('On Members can connect MCP clients');
    expect(page).toContain('Never.');
  });

  test('is switched off after a confirmation that says how many connections of how many members are affected, and how', async () => {
    const tokens = [await connect('linus'), await connect('linus'), await connect('grace')];
    const ada = await signedIn(server, 'ada@example.com');
    const asked = await ada.open(`${settings}/mcp-access`);
    expect(words(asked, '.confirmation')).toContain('3 active connections of 2 members');
    expect(words(asked, '.confirmation')).toContain('Existing connections are rejected');
    expect(words(asked, '.confirmation')).toContain('New authorizations are blocked');
    expect(words(asked, '.confirmation')).toContain('hidden when somebody authorizes');
    expect(await isActive(tokens[0]?.accessToken ?? '')).toBe(true);

    const page = await ada.browser.submit(asked, '.confirmation button.danger');
    expect(page.url.pathname).toBe(settings.pathname);
    expect(words(page, '[role=status]')).toContain('MCP access is off');
    expect(words(page)).toContain('Off Nobody can connect');
    expect(words(page)).toMatch(/Last changed by Ada Lovelace on \d+ \w+ \d{4}, \d\d:\d\d UTC/);
    for (const { accessToken } of tokens) expect(await isActive(accessToken)).toBe(false);
    const consent = await new Person('linus@example.com').openConsent(client.authorize().url);
    expect(offeredOrganizations(consent).map(({ label }) => label)).not.toContainEqual(expect.stringContaining(ACME));

    const on = await switchOn(await signedIn(server, 'grace@example.com'));
    expect(words(on, '[role=status]')).toContain('MCP access is on');
    expect(words(on)).toContain('Last changed by Grace Hopper');
    for (const { accessToken } of tokens) expect(await isActive(accessToken)).toBe(true);
  });

  test('removes the connections as well when that is ticked', async () => {
    const { accessToken } = await connect('linus');
    const ada = await signedIn(server, 'ada@example.com');
    const page = await switchOff(ada, { remove_connections: 'on' });
    expect(words(page, '[role=status]')).toContain('all connections of the organization were removed');
    expect(words(page)).toContain('0 connections');
    await switchOn(ada);
    expect(await isActive(accessToken)).toBe(false);
  });

  test('with one connection the confirmation speaks of one', async () => {
    await connect('linus');
    const ada = await signedIn(server, 'ada@example.com');
    const asked = words(await ada.open(`${settings}/mcp-access`), '.confirmation');
    expect(asked).toContain('1 active connection of 1 member');
    expect(asked).toContain('Also remove this connection It does not come back');
    await switchOff(ada, { remove_connections: 'on' });
    await switchOn(ada);
  });

  test('with nobody connected the confirmation says so and offers no removal', async () => {
    const ada = await signedIn(server, 'ada@example.com');
    const asked = await ada.open(`${settings}/mcp-access`);
    expect(words(asked, '.confirmation')).toContain('Nobody is connected');
    expect(asked.html.querySelector('[name=remove_connections]')).toBeNull();
  });

  test('while it is off has no confirmation to show, and no notice that it is on', async () => {
    await connect('linus');
    const ada = await signedIn(server, 'ada@example.com');
    await switchOff(ada);
    const confirmation = await ada.open(`${settings}/mcp-access`);
    expect(confirmation.url.pathname).toBe(settings.pathname);
    expect(words(confirmation)).toContain('Off Nobody can connect');
    const notice = async (done: string) => words(await ada.open(`${settings}?mcp-access=${done}`), '[role=status]');
    const notices = async () => [await notice('on'), await notice('off'), await notice('removed')];
    const off = 'MCP access is off. Its connections are rejected from now on.';
    expect(await notices()).toEqual(['', off, '']);
    await switchOn(ada);
    expect(await notices()).toEqual(['MCP access is on. Connections that were rejected work again.', '', '']);
    await switchOff(ada, { remove_connections: 'on' });
    expect(await notices()).toEqual([
      '',
      off,
      'MCP access is off, and all connections of the organization were removed.',
    ]);
    await switchOn(ada);
  });

  test('is not moved by a form that does not say where to', async () => {
    const ada = await signedIn(server, 'ada@example.com');
    expect((await switchOff(ada, { mcp_access: 'maybe' })).status).toBe(400);
    expect(words(await ada.open(settings))).toContain('On Members can connect');
  });

  test('stands in the audit log with who moved it, from where, and whether connections were removed', async () => {
    const events = (await eventsOf(server, ACME)).filter(({ action }) => action.includes('mcp-access'));
    expect(events[0]).toMatchObject({
      action: 'organization.mcp-access-off',
      actor: { kind: 'account', ip: '127.0.0.1' },
      details: { connectionsRemoved: false },
    });
    expect(events.map(({ action }) => action)).toContain('organization.mcp-access-on');
  });

  test('of a personal organization is its owner’s', async () => {
    const linus = await signedIn(server, 'linus@example.com');
    const personal = await pathOf(server, 'Linus Torvalds (personal)');
    expect(words(await linus.open(server.url(`${personal}/settings`)))).toContain('Personal');
  });
});
