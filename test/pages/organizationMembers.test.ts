/** The members of an organization: the list, changing roles, removing. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '../../src/ids.js';
import { insert } from '../../src/stores/durable.js';
import { accounts } from '../../src/stores/records/account.js';
import { memberId, members } from '../../src/stores/records/member.js';
import { introspect, TestClient } from '../support/client.js';
import { directory } from '../support/directory.js';
import { startServer, type TestServer } from '../support/server.js';
import { eventsOf, follow, inStore, pathOf, rowWith, signedIn, words } from './organizationVisit.js';

const ACME = 'Acme Robotics';

let server: TestServer;
let list: URL;
beforeAll(async () => {
  server = await startServer();
  list = new URL(server.url(`${await pathOf(server, ACME)}/members`));
});
afterAll(() => server?.stop());

describe('the list', () => {
  test('shows the owner first, who cannot be changed or removed', async () => {
    const grace = await signedIn(server, 'grace@example.com');
    const page = await grace.open(list);
    const [first, second] = page.html.querySelectorAll('tbody tr');
    expect(first?.textContent).toMatch(/Ada Lovelace.*ada@example.com.*Account Owner/s);
    expect(first?.querySelectorAll('a, button')).toHaveLength(0);
    expect(second?.querySelectorAll('a').map(({ textContent }) => textContent)).toHaveLength(2);
    expect(rowWith(page, 'grace@example.com').textContent).toContain('You');
    expect(rowWith(page, 'linus@example.com').textContent).toContain('App Viewer of app "storefront"');
  });

  test('the owner’s roles and membership have no page: 403 with words', async () => {
    const grace = await signedIn(server, 'grace@example.com');
    const ada = await inStore(server, ({ durable }) => durable.list(accounts, 'byEmail', ['ada@example.com']));
    for (const what of ['roles', 'remove']) {
      const page = await grace.open(`${list}/${ada[0]?.id}/${what}`);
      expect(page.status).toBe(403);
      expect(words(page)).toContain('The Account Owner is permanent');
    }
  });

  test('of forty is narrowed by name or address', async () => {
    const beacon = new URL(server.url(`${await pathOf(server, 'Beacon Labs')}/members`));
    const organizationId = beacon.pathname.split('/')[2] ?? '';
    await inStore(server, async ({ durable }) => {
      for (let n = 1; n <= 40; n++) {
        const id = newId('acc');
        const createdAt = Date.now();
        await durable.commit([
          insert(accounts, { id, email: `m${n}@example.com`, emailVerified: false, name: `Member ${n}`, createdAt }),
          insert(members, {
            id: memberId(organizationId, id),
            organizationId,
            accountId: id,
            roles: [{ role: 'insights' }],
            createdAt,
          }),
        ]);
      }
    });
    const grace = await signedIn(server, 'grace@example.com');
    expect((await grace.open(beacon)).html.querySelectorAll('tbody tr')).toHaveLength(42);
    const found = await grace.open(`${beacon}?text=member+7`);
    expect(found.html.querySelectorAll('tbody tr')).toHaveLength(1);
    expect(words(found)).toContain('m7@example.com');
    expect(words(await grace.open(`${beacon}?text=nobody`))).toContain('No member matches');
  });
});

describe('changing roles', () => {
  const change = async (values: Record<string, string>) => {
    await directory(server, 'members', 'set-roles', ACME, 'linus@example.com', '--role', 'app-viewer:storefront');
    const grace = await signedIn(server, 'grace@example.com');
    const form = await follow(grace, await grace.open(list), 'linus@example.com', 'Change roles');
    return { form, after: await grace.browser.submit(form, 'button.primary', values) };
  };

  test('shows the roles that the member has, and replaces them all', async () => {
    const { form, after } = await change({
      'role:insights': 'on',
      'scoped-0': 'app-admin',
      'app-0': 'storefront',
      'scoped-1': 'key-viewer',
      'app-1': 'other',
      'keyset-1': 'production',
    });
    expect(form.html.querySelector('#scoped-0 option[selected]')?.getAttribute('value')).toBe('app-viewer');
    expect(form.html.querySelector('#app-0')?.getAttribute('value')).toBe('storefront');
    expect(words(after, '[role=status]')).toContain('The roles were changed');
    const row = rowWith(after, 'linus@example.com').textContent;
    for (const role of [
      'PubNub Insights',
      'App Admin of app "storefront"',
      'Key Viewer of keyset "production" in app "other"',
    ])
      expect(row).toContain(role);
  });

  test.each([
    [{ 'role:account-admin': 'on', 'role:insights': 'on' }, 'Account Admin and PubNub Insights exclude each other'],
    [
      { 'role:functions-developer': 'on', 'role:functions-viewer': 'on' },
      'Functions Developer and Functions Viewer exclude each other',
    ],
    [
      { 'scoped-0': 'app-admin', 'app-0': 'a', 'scoped-1': 'app-viewer', 'app-1': 'a' },
      'App Admin of app "a" and App Viewer of app "a" exclude each other',
    ],
    [
      { 'scoped-0': 'app-viewer', 'app-0': 'a', 'scoped-1': 'key-admin', 'app-1': 'a', 'keyset-1': 'k' },
      'App Viewer of app "a" and Key Admin of keyset "k" in app "a" exclude each other',
    ],
    [
      {
        'scoped-0': 'key-admin',
        'app-0': 'a',
        'keyset-0': 'k',
        'scoped-1': 'key-viewer',
        'app-1': 'a',
        'keyset-1': 'k',
      },
      'Key Admin of keyset "k" in app "a" and Key Viewer of keyset "k" in app "a" exclude each other',
    ],
  ] as [Record<string, string>, string][])('to %j is refused at the form: %s', async (values, message) => {
    const changes = async () =>
      (await eventsOf(server, ACME)).filter(
        ({ action, actor }) => action === 'member.roles-changed' && actor.kind === 'account',
      );
    const before = await changes();
    const { after } = await change({ 'scoped-0': '', 'app-0': '', ...values });
    expect(after.status).toBe(409);
    expect(words(after, '[role=alert]')).toContain(message);
    for (const [name, value] of Object.entries(values)) {
      const field = after.html.querySelector(`[name="${name}"]`);
      const shown =
        field?.querySelector('option[selected]')?.getAttribute('value') ??
        (field?.hasAttribute('checked') ? 'on' : field?.getAttribute('value'));
      expect(shown).toBe(value);
    }
    expect(await changes()).toEqual(before);
  });

  test.each([
    [{}, 'A member needs at least one role'],
    [{ 'scoped-0': 'app-admin' }, 'App Admin applies to one app; name the app'],
    [{ 'scoped-0': 'key-admin', 'app-0': 'a' }, 'name the keyset and its app'],
    [{ 'scoped-0': 'app-viewer', 'app-0': 'a', 'keyset-0': 'k' }, 'name the app and no keyset'],
    [{ 'scoped-0': '', 'app-0': 'storefront' }, 'Choose a role for app "storefront"'],
    [{ 'scoped-0': 'account-owner', 'app-0': '' }, 'Account Owner cannot be assigned'],
    [{ 'scoped-0': 'emperor', 'app-0': 'a' }, 'Choose one of the roles'],
  ] as [Record<string, string>, string][])('to %j is refused at the form: %s', async (values, message) => {
    const { after } = await change({ 'scoped-0': '', 'app-0': '', ...values });
    expect(after.status).toBe(400);
    expect(words(after, '[role=alert]')).toContain(message);
  });

  test('gives another row without losing what was chosen', async () => {
    const grace = await signedIn(server, 'grace@example.com');
    const form = await follow(grace, await grace.open(list), 'linus@example.com', 'Change roles');
    const more = await grace.browser.submit(form, 'button[name=more]', {
      more: '1',
      'scoped-0': 'app-admin',
      'app-0': 'one',
    });
    expect(more.html.querySelector('#app-0')?.getAttribute('value')).toBe('one');
    expect(more.html.querySelectorAll('select[name^=scoped-]')).toHaveLength(2);
  });
});

describe('removing a member', () => {
  test('asks first, ends the member’s connections here at the very next introspection, and no other', async () => {
    const client = await TestClient.register(server);
    const here = await client.connect({ email: 'linus@example.com', organization: ACME });
    const elsewhere = await client.connect({ email: 'linus@example.com', organization: 'Linus Torvalds' });
    const ada = await signedIn(server, 'ada@example.com');
    const asked = await follow(ada, await ada.open(list), 'linus@example.com', 'Remove');
    expect(words(asked, '.confirmation')).toContain('This ends 1 connection at once.');
    const page = await ada.browser.submit(asked, '.confirmation button.danger');
    expect((await introspect(server, here.accessToken)).text).toBe('{"active":false}');
    expect((await introspect(server, elsewhere.accessToken)).json.active).toBe(true);
    expect(words(page, '[role=status]')).toContain('The member was removed');
    expect(words(page)).not.toContain('linus@example.com');
    // The same form sent again answers the same, and does nothing more.
    expect((await ada.browser.submit(asked, '.confirmation button.danger')).status).toBe(200);
    expect((await ada.open(asked.url)).status).toBe(404);
    const removed = (await eventsOf(server, ACME)).filter(({ action }) => action === 'member.removed');
    expect(removed).toHaveLength(1);
    expect((await eventsOf(server, ACME)).at(-1)).toMatchObject({
      action: 'member.removed',
      details: { connections: 1 },
    });
  });

  test('an admin who leaves is led to a page that still opens', async () => {
    const grace = await signedIn(server, 'grace@example.com');
    const asked = await follow(grace, await grace.open(list), 'grace@example.com', 'Leave');
    const page = await grace.browser.submit(asked, '.confirmation button.danger');
    expect(page.status).toBe(200);
    expect(page.url.pathname).toBe('/account/connections');
    expect((await grace.open(list)).status).toBe(404);
  });
});
