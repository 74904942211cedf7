/** The pages of an organization in a real browser: how they look, with and without JavaScript. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { accountByEmail } from '../../../src/accounts/findAccount.js';
import { newId } from '../../../src/ids.js';
import { insert } from '../../../src/stores/durable.js';
import { accounts } from '../../../src/stores/records/account.js';
import { memberId, members } from '../../../src/stores/records/member.js';
import type { RoleAssignment } from '../../../src/stores/records/role.js';
import type { Stores } from '../../../src/stores/stores.js';
import { describeInChromium } from '../../support/chromium.js';
import { startServer, type TestServer } from '../../support/server.js';
import { pathOf } from '../organizationVisit.js';
import { expectGoodLooks } from './looks.js';
import { giveConnections, inStoreOf } from './seed.js';
import { newVisitor, signedInVisitor, WITH_AND_WITHOUT_SCRIPTS } from './visitor.js';

const ACME = 'Acme Robotics';
const LONG_NAME =
  'Maria-Magdalena von und zu Großenbrünnlingshausen-Oberpfaffenhofen Fernández de la Vega y Echeverría';
const ROLES: readonly (readonly RoleAssignment[])[] = [
  [{ role: 'insights' }],
  [{ role: 'account-admin' }],
  [
    { role: 'app-admin', app: 'storefront' },
    { role: 'key-viewer', app: 'warehouse', keyset: 'production' },
    { role: 'functions-viewer' },
  ],
];

let server: TestServer;
let acme: string;
beforeAll(async () => {
  server = await startServer();
  acme = await pathOf(server, ACME);
  await inStoreOf(server, async (stores) => {
    await giveMembers(stores, acme.split('/')[2] ?? '', 40);
    for (const email of ['linus@example.com', 'grace@example.com', 'm7@example.com'])
      await giveConnections(stores, email, 5, [ACME]);
  });
});
afterAll(() => server?.stop());

/** So many more members; one has a very long name and address. */
async function giveMembers({ durable }: Stores, organizationId: string, count: number): Promise<void> {
  const createdAt = Date.now();
  for (let n = 1; n <= count; n++) {
    const [id, roles] = [newId('acc'), [...(ROLES[n % ROLES.length] ?? [])]];
    const name = n === 7 ? LONG_NAME : `Member Number ${n}`;
    await durable.commit([
      insert(accounts, { id, email: `m${n}@example.com`, emailVerified: false, name, createdAt }),
      insert(members, { id: memberId(organizationId, id), organizationId, accountId: id, roles, createdAt }),
    ]);
  }
}

describeInChromium('the pages of an organization', (browser) => {
  const visit = (path: string, scripts = true) =>
    signedInVisitor(browser(), server, acme + path, { email: 'grace@example.com', scripts });

  test.each([
    ['settings', '/settings'],
    ['settings-confirmation', '/settings/mcp-access'],
    ['members', '/members'],
    ['member-add', '/members/add'],
    ['connections', '/connections'],
    ['connections-empty', '/connections?text=nobody'],
  ])('%s look good and are accessible', async (state, path) => {
    const visitor = await visit(path);
    const { complaints } = visitor;
    await expectGoodLooks(visitor, `organization-${state}`);
    expect(complaints).toEqual([]);
    await visitor.page.context().close();
  });

  test('an organization of one person looks good', async () => {
    const own = await pathOf(server, 'Grace Hopper (personal)');
    const visitor = await signedInVisitor(browser(), server, `${own}/members`, { email: 'grace@example.com' });
    await expectGoodLooks(visitor, 'organization-members-one');
    await visitor.page.goto(server.url(`${own}/connections`));
    await expectGoodLooks(visitor, 'organization-connections-first');
    await visitor.context.close();
  });

  test.each(WITH_AND_WITHOUT_SCRIPTS)('the switch is moved %s, after a confirmation', async (_how, scripts) => {
    const visitor = await visit('/settings', scripts);
    const { page, complaints } = visitor;
    await page.getByRole('link', { name: 'Switch MCP access off' }).click();
    if (scripts) {
      await page.getByRole('dialog').waitFor();
      await expectGoodLooks(visitor, 'organization-switch-dialog');
      await page.keyboard.press('Escape');
      expect(await page.getByRole('dialog').count()).toBe(0);
      await page.getByRole('link', { name: 'Switch MCP access off' }).click();
    }
    expect(await page.locator('.confirmation').textContent()).toContain('15 active connections of 3 members');
    await page.getByRole('button', { name: 'Switch off' }).click();
    await page.getByRole('status').getByText('MCP access is off').waitFor();
    if (scripts) await expectGoodLooks(visitor, 'organization-settings-off');
    await page.goto(server.url(`${acme}/connections`));
    expect(await page.locator('main').textContent()).toContain('MCP access is off, so all connections are rejected');
    await page.goto(server.url(`${acme}/settings`));
    await page.getByRole('button', { name: 'Switch MCP access on' }).click();
    await page.getByRole('status').getByText('MCP access is on').waitFor();
    expect(complaints).toEqual([]);
    await visitor.page.context().close();
  });

  test.each(WITH_AND_WITHOUT_SCRIPTS)('a member is added and joins %s', async (how, scripts) => {
    const visitor = await visit('/members/add', scripts);
    const { page } = visitor;
    const email = `${how.split(' ')[0]}@example.com`;
    await page.getByLabel('Email address').fill(email);
    await page.getByLabel('Account Admin').check();
    await page.getByLabel('PubNub Insights').check();
    await page.keyboard.press('Enter');
    const alert = page.getByRole('alert');
    expect(await alert.textContent()).toContain('Account Admin and PubNub Insights exclude each other');
    if (scripts) await expectGoodLooks(visitor, 'organization-member-add-refused');
    await page.getByLabel('Account Admin').uncheck();
    await page.getByLabel('Role', { exact: true }).selectOption('app-viewer');
    await page.getByLabel('App', { exact: true }).fill('storefront');
    await page.getByRole('button', { name: 'Another role' }).click();
    expect(await page.getByLabel('App', { exact: true }).first().inputValue()).toBe('storefront');
    await page.getByLabel('App', { exact: true }).first().press('Enter');
    await page.getByRole('status').getByText('The invitation is ready').waitFor();
    if (scripts) await expectGoodLooks(visitor, 'organization-members-link');
    const link = (await page.locator('#invitation-link').textContent()) ?? '';
    await page.goto(link);
    if (scripts) await expectGoodLooks(visitor, 'invitation-switch');

    const invited = await newVisitor(browser(), scripts);
    await invited.page.goto(link);
    if (scripts) await expectGoodLooks(invited, 'invitation-join');
    await invited.page.getByLabel('Your name').fill('New Person');
    await invited.page.getByLabel('Password').fill('short pw');
    await invited.page.getByRole('button', { name: 'Create account and join' }).click();
    await invited.page.getByText('You are a member now').waitFor();
    if (scripts) await expectGoodLooks(invited, 'invitation-joined');
    await invited.page.context().close();
    await visitor.page.context().close();
  });

  test('somebody who is no admin reads who may', async () => {
    const visitor = await signedInVisitor(browser(), server, `${acme}/members`, {
      email: 'linus@example.com',
    });
    expect(await visitor.page.locator('main').textContent()).toContain('Ada Lovelace (Account Owner)');
    await expectGoodLooks(visitor, 'organization-forbidden');
    await visitor.page.context().close();
  });

  test('a member’s roles and removal, and a client’s removal, look good', async () => {
    const visitor = await visit('/members?text=m7%40');
    const { page } = visitor;
    await page.getByRole('link', { name: 'Change roles' }).click();
    await expectGoodLooks(visitor, 'organization-member-roles');
    const m7 = await inStoreOf(server, ({ durable }) => accountByEmail(durable, 'm7@example.com'));
    await page.goto(server.url(`${acme}/members/${m7?.id}/remove`));
    expect(await page.locator('.confirmation').textContent()).toContain('This ends 5 connections at once.');
    await page.goto(server.url(`${acme}/connections?member=${m7?.id}`));
    await page.getByRole('link', { name: 'Remove all 5 connections' }).click();
    await page.getByRole('dialog').waitFor();
    await expectGoodLooks(visitor, 'organization-connections-dialog');
    await page.getByRole('button', { name: 'Remove 5 connections' }).click();
    await page.getByRole('status').getByText('All connections of this member were removed').waitFor();
    await page.goto(server.url(`${acme}/audit`));
    await expectGoodLooks(visitor, 'organization-audit-filled');
    await visitor.page.context().close();
  });
});
