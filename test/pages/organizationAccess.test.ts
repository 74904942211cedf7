/** Who may open and post to the pages of an organization. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { accountByEmail } from '../../src/accounts/findAccount.js';
import { connections } from '../../src/stores/records/connection.js';
import { TestClient } from '../support/client.js';
import { directory } from '../support/directory.js';
import { Person } from '../support/person.js';
import { startServer, type TestServer } from '../support/server.js';
import { eventsOf, inStore, pathOf, signedIn, words } from './organizationVisit.js';

const ACME = 'Acme Robotics';
const MAY = 'Ada Lovelace (Account Owner) or Grace Hopper (Account Admin)';

let server: TestServer;
let acme: string;
let [connectionId, linusId] = ['', ''];
beforeAll(async () => {
  server = await startServer();
  acme = await pathOf(server, ACME);
  const client = await TestClient.register(server);
  await client.connect({ email: 'linus@example.com', organization: ACME });
  await inStore(server, async ({ durable }) => {
    linusId = (await accountByEmail(durable, 'linus@example.com'))?.id ?? '';
    connectionId = (await durable.list(connections, 'byAccount', [linusId]))[0]?.id ?? '';
  });
});
afterAll(() => server?.stop());

const pages = [
  '/settings',
  '/settings/mcp-access',
  '/members',
  '/members/add',
  '/members/:account/roles',
  '/members/:account/remove',
  '/connections',
  '/connections/remove?member=:account',
  '/connections/:connection/remove',
  '/audit',
  '/audit.json',
];
const forms = [
  '/settings/mcp-access',
  '/members/add',
  '/members/:account/roles',
  '/members/:account/remove',
  '/members/invitations/inv_1/resend',
  '/members/invitations/inv_1/withdraw',
  '/connections/remove',
  '/connections/:connection/remove',
];
const completed = (path: string): string => path.replace(':account', linusId).replace(':connection', connectionId);

/** Posts a form that the person's browser could have from any page of this server. */
async function post(email: string, path: string, fields: Record<string, string> = {}) {
  const person = await signedIn(server, email);
  const page = await person.open(server.url('/account/connections'));
  page.html.querySelector('form[action$="/logout"]')?.setAttribute('action', path);
  return person.browser.submit(page, `form[action="${path}"]`, fields);
}

describe('a plain member', () => {
  test.each(pages)('who opens %s gets 403 and reads who may', async (path) => {
    const linus = await signedIn(server, 'linus@example.com');
    const page = await linus.open(server.url(acme + completed(path)));
    expect(page.status).toBe(403);
    expect(words(page)).toContain(MAY);
  });

  test.each(forms)('who posts to %s gets 403, reads who may, and changes nothing', async (path) => {
    const page = await post('linus@example.com', acme + completed(path), {
      mcp_access: 'off',
      email: 'new@example.com',
      'role:insights': 'on',
      member: linusId,
    });
    expect(page.status).toBe(403);
    expect(words(page)).toContain(MAY);
    await inStore(server, async ({ durable }) => {
      expect(await durable.get(connections, connectionId)).toBeDefined();
    });
    const grace = await signedIn(server, 'grace@example.com');
    expect(words(await grace.open(server.url(`${acme}/settings`)))).toContain('On Members can connect');
    expect(words(await grace.open(server.url(`${acme}/members`)))).toMatch(/Linus Torvalds.*App Viewer of app/);
  });

  test('is written to the audit log once a minute for each kind of attempt', async () => {
    const refusals = (await eventsOf(server, ACME)).filter(({ action }) => action.endsWith('-refused'));
    expect(refusals.map(({ action }) => action).sort()).toEqual([
      'connection.removal-refused',
      'member.change-refused',
      'organization.mcp-access-refused',
    ]);
    expect(refusals[0]?.actor).toMatchObject({ kind: 'account', accountId: linusId, ip: '127.0.0.1' });
    await server.advance(61_000);
    await post('linus@example.com', `${acme}/settings/mcp-access`, { mcp_access: 'off' });
    const after = (await eventsOf(server, ACME)).filter(({ action }) => action === 'organization.mcp-access-refused');
    expect(after).toHaveLength(2);
  });
});

describe('an organization that is not theirs, and one that is not there', () => {
  test.each(pages)('%s is 404, in the same words', async (path) => {
    const beacon = await pathOf(server, 'Beacon Labs');
    const linus = await signedIn(server, 'linus@example.com');
    const foreign = await linus.open(server.url(beacon + completed(path)));
    const unknown = await linus.open(server.url(`/organizations/org_unknown${completed(path)}`));
    expect([foreign.status, unknown.status]).toEqual([404, 404]);
    const anonymous = (text: string) => text.replace(/[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/g, '');
    expect(anonymous(words(foreign))).toBe(anonymous(words(unknown)));
    expect(words(foreign)).not.toContain('Beacon');
  });

  test.each(forms)('a post to %s is 404', async (path) => {
    const beacon = await pathOf(server, 'Beacon Labs');
    const page = await post('linus@example.com', beacon + completed(path), { mcp_access: 'off', member: linusId });
    expect(page.status).toBe(404);
  });

  test('an admin who names another organization’s connection, member or invitation gets 404, and nothing happens', async () => {
    const beacon = await pathOf(server, 'Beacon Labs');
    for (const path of [
      `/connections/${connectionId}/remove`,
      `/members/${linusId}/remove`,
      `/members/${linusId}/roles`,
      '/members/invitations/inv_1/withdraw',
      '/members/invitations/inv_1/resend',
    ]) {
      expect((await post('grace@example.com', beacon + path, { 'role:insights': 'on' })).status).toBe(404);
    }
    expect((await post('grace@example.com', `${beacon}/connections/remove`, { member: linusId })).status).toBe(404);
    await inStore(server, async ({ durable }) => {
      expect(await durable.get(connections, connectionId)).toBeDefined();
    });
  });
});

describe('others', () => {
  test('who are not signed in are sent to the sign-in page and back', async () => {
    const ada = new Person('ada@example.com');
    const page = await ada.open(server.url(`${acme}/members`));
    expect(page.url.pathname).toBe('/login');
    expect((await ada.signIn(page)).url.pathname).toBe(`${acme}/members`);
  });

  test('an admin who was demoted while the page was open gets 403 at the post', async () => {
    const grace = await signedIn(server, 'grace@example.com');
    const page = await grace.open(server.url(`${acme}/settings/mcp-access`));
    expect(page.status).toBe(200);
    await directory(server, 'members', 'set-roles', ACME, 'grace@example.com', '--role', 'insights');
    const refused = await grace.browser.submit(page, '.confirmation button.danger');
    expect(refused.status).toBe(403);
    expect(words(refused)).toContain('Ask Ada Lovelace (Account Owner).');
    await directory(server, 'members', 'set-roles', ACME, 'grace@example.com', '--role', 'account-admin');
    expect(words(await grace.open(server.url(`${acme}/settings`)))).toContain('On Members can connect');
  });

  test('a form without its token, or from elsewhere, is refused', async () => {
    const ada = await signedIn(server, 'ada@example.com');
    const page = await ada.open(server.url(`${acme}/settings/mcp-access`));
    const refused = await ada.browser.submit(page, '.confirmation button.danger', { csrf_token: 'x' });
    expect(refused.status).toBe(403);
    expect(words(await ada.open(server.url(`${acme}/settings`)))).toContain('On Members can connect');
  });

  test('no page of an organization can be framed', async () => {
    const ada = await signedIn(server, 'ada@example.com');
    const { headers } = await ada.open(server.url(`${acme}/settings`));
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  });
});
