/** The consent page: everything that a person decides upon stands on it, and it can say that there is nothing to decide. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { TestClient } from '../support/client.js';
import { configFor } from '../support/demoServer.js';
import { directory } from '../support/directory.js';
import { clientRedirect, offeredOrganizations, Person } from '../support/person.js';
import { startServer, type TestServer } from '../support/server.js';

let server: TestServer;
let client: TestClient;
beforeAll(async () => {
  const limits = { refreshReplayWindow: 0 };
  server = await startServer({ config: { ...(await configFor('http://localhost:3001/mcp')), limits } });
  client = await TestClient.register(server);
});
afterAll(() => server?.stop());

test('says which client, where to, what it may do, in which organizations, and the exact end of one calendar month', async () => {
  const year = new Date().getUTCFullYear() + 1;
  await server.advance(Date.UTC(year, 0, 31, 9, 30) - Date.now());
  client = await TestClient.register(server);
  const linus = new Person('linus@example.com');
  const page = await linus.openConsent(client.authorize({ scope: 'mcp:read' }).url);
  const text = page.html.textContent.replace(/\s+/g, ' ');
  expect(text).toContain('Raw test client wants access to Demo MCP server');
  expect(text).toContain(client.clientId);
  expect(text).toContain('Unverified');
  expect(page.html.querySelector('.destination .host')?.textContent.trim()).toBe('127.0.0.1:8765');
  expect(page.html.querySelector('.destination')?.textContent).toContain('an app on this device');
  expect(page.html.querySelectorAll('.ability').map((each) => each.textContent.trim())).toEqual([
    'Read the notes of the organization',
  ]);
  expect(offeredOrganizations(page).map(({ label }) => label.replace(/ ?Personal.*$/i, ''))).toEqual([
    expect.stringContaining('Linus Torvalds'),
    expect.stringContaining('Acme Robotics'),
  ]);
  const end = page.html.querySelector('time')?.getAttribute('datetime') ?? '';
  const lastOfFebruary = new Date(Date.UTC(year, 2, 0)).getUTCDate();
  expect(end).toMatch(new RegExp(`^${year}-02-${lastOfFebruary}T09:3`));
  expect(page.html.querySelector('time')?.textContent).toMatch(
    new RegExp(`^${lastOfFebruary} .*${year}, 09:3\\d UTC$`),
  );

  clientRedirect(await linus.decide(page, 'Acme Robotics', 'deny'));
});

test('with no organization to offer says why and who can change that, and the client gets access_denied', async () => {
  const linus = new Person('linus@example.com');
  const off = ['Acme Robotics', 'Linus Torvalds (personal)'];
  for (const organization of off) await directory(server, 'mcp-access', 'off', organization);
  try {
    const { url, state } = client.authorize();
    const page = await linus.openConsent(url);
    expect(page.status).toBe(200);
    expect(offeredOrganizations(page)).toEqual([]);
    expect(page.html.querySelector('button[value=approve]')).toBeNull();
    expect(page.html.querySelector('.callout')?.textContent).toMatch(
      /MCP access is switched off in every organization[\s\S]*account admin/,
    );
    const redirect = clientRedirect(await linus.decide(page, '', 'deny'));
    expect(Object.fromEntries(redirect.searchParams)).toEqual({
      error: 'access_denied',
      error_description: 'The person has no organization in which MCP access is on.',
      state,
      iss: server.issuer,
    });
  } finally {
    for (const organization of off) await directory(server, 'mcp-access', 'on', organization);
  }
});

test('says to everyone alike that an organization may be missing, names none, and preselects none of several', async () => {
  const linus = new Person('linus@example.com');
  const look = async () => {
    const page = await linus.openConsent(client.authorize().url);
    const chosen = page.html.querySelectorAll('input[name=organization_id][checked]').length;
    clientRedirect(await linus.decide(page, '', 'deny'));
    return { chosen, missing: page.html.querySelector('details.more')?.textContent.replace(/\s+/g, ' ').trim(), page };
  };
  const all = await look();
  expect(offeredOrganizations(all.page)).toHaveLength(2);
  expect(all.chosen).toBe(0);
  expect(all.missing).toMatch(
    /^Is an organization missing\? Its admins may have switched MCP access off\. .*account admins.*Organization settings/,
  );
  await directory(server, 'mcp-access', 'off', 'Acme Robotics');
  try {
    const one = await look();
    expect(offeredOrganizations(one.page)).toHaveLength(1);
    expect(one.chosen).toBe(1);
    expect(one.missing).toBe(all.missing);
    expect(one.page.html.textContent).not.toContain('Acme Robotics');
  } finally {
    await directory(server, 'mcp-access', 'on', 'Acme Robotics');
  }
});

test('with a replay window of 0, a refresh token is good for one answer, also a moment later', async () => {
  const { refreshToken } = await client.connect();
  const refreshed = await client.refresh(refreshToken);
  expect(refreshed.status).toBe(200);
  const repeated = await client.refresh(refreshToken);
  expect(`${repeated.status} ${repeated.json.error}`).toBe('400 invalid_grant');
  expect((await client.refresh(String(refreshed.json.refresh_token))).json.error).toBe('invalid_grant');
});
