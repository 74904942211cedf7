import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { describeInChromium } from '../../support/chromium.js';
import { startServer, type TestServer } from '../../support/server.js';
import { inStore } from '../organizationVisit.js';
import { expectGoodLooks } from './looks.js';
import { giveOrganizations } from './seed.js';
import { signedInVisitor, WITH_AND_WITHOUT_SCRIPTS } from './visitor.js';

let server: TestServer;

beforeAll(async () => {
  server = await startServer({
    env: { BILLING_URL: 'https://billing.example.com/', SUPPORT_URL: 'mailto:support@example.com' },
  });
  await inStore(server, (stores) => giveOrganizations(stores, 'ada@example.com', 36));
});
afterAll(() => server.stop());

const accountMenu = (page: Page) => page.locator('details.account-menu');
const profileMenu = (page: Page) => page.locator('details.profile-menu');
const isOpen = (menu: ReturnType<typeof accountMenu>) => menu.evaluate((element) => 'open' in element && element.open);
const focused = (page: Page) => page.evaluate(() => document.activeElement?.textContent?.trim().replace(/\s+/g, ' '));

describeInChromium('the menus', (browser) => {
  describe.each(WITH_AND_WITHOUT_SCRIPTS)('%s', (_words, scripts) => {
    test('offer what there is to do', async () => {
      const visitor = await signedInVisitor(browser(), server, '/account/connections', { scripts });
      const { page, context } = visitor;
      await accountMenu(page).locator('summary').click();
      const items = await accountMenu(page).locator('.menu-item').allInnerTexts();
      expect(items).toHaveLength(4 + 36 + 4);
      expect(items.slice(-4)).toEqual(['Organization settings', 'Create an organization', 'Billing', 'Support']);
      expect(await accountMenu(page).locator('[aria-current=true]').textContent()).toContain('Ada Lovelace (personal)');
      await expectGoodLooks(visitor, 'menu-account');
      await profileMenu(page).locator('summary').click();
      expect(await isOpen(accountMenu(page))).toBe(false);
      expect(await profileMenu(page).locator('.menu-item').allInnerTexts()).toEqual([
        'Profile settings',
        'MCP Connections',
        'Sign out',
      ]);
      await expectGoodLooks(visitor, 'menu-profile');
      await context.close();
    });

    test('switch the organization, which stays switched', async () => {
      const { page, context } = await signedInVisitor(browser(), server, '/account', { scripts });
      await accountMenu(page).locator('summary').click();
      await page.getByRole('button', { name: 'Closed Circuit' }).click();
      await page.waitForURL(server.url('/account'));
      expect(await page.locator('.account-organization').textContent()).toBe('Closed Circuit');
      await accountMenu(page).locator('summary').click();
      expect(await accountMenu(page).locator('[aria-current=true]').textContent()).toContain('Closed Circuit');
      expect(await page.getByRole('link', { name: 'Organization settings' }).count()).toBe(0);
      await page.getByRole('button', { name: 'Acme Robotics' }).click();
      await accountMenu(page).locator('summary').click();
      expect(await page.getByRole('link', { name: 'Organization settings' }).count()).toBe(1);
      await context.close();
    });
  });

  test('are worked by keyboard alone', async () => {
    const { page, context } = await signedInVisitor(browser(), server, '/account');
    for (const _ of ['skip', 'brand', 'account menu']) await page.keyboard.press('Tab');
    expect(await focused(page)).toContain('ada@example.com');
    await page.keyboard.press('Enter');
    expect(await isOpen(accountMenu(page))).toBe(true);
    await page.keyboard.press('Tab');
    await page.keyboard.type('acme');
    await page.keyboard.press('Enter');
    expect(await isOpen(accountMenu(page))).toBe(true);
    await page.keyboard.press('Tab');
    expect(await focused(page)).toContain('Acme Robotics');
    await page.keyboard.press('Escape');
    expect(await isOpen(accountMenu(page))).toBe(false);
    expect(await focused(page)).toContain('ada@example.com');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Space');
    expect(await isOpen(profileMenu(page))).toBe(true);
    for (const _ of ['profile', 'connections', 'sign out']) await page.keyboard.press('Tab');
    expect(await focused(page)).toBe('Sign out');
    await page.keyboard.press('Tab');
    expect(await isOpen(profileMenu(page))).toBe(false);
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Enter');
    for (const _ of ['profile', 'connections', 'sign out']) await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.waitForURL(server.url('/logout'));
    await context.close();
  });

  test('close on a click beside them', async () => {
    const { page, context } = await signedInVisitor(browser(), server, '/account');
    await accountMenu(page).locator('summary').click();
    await page.getByRole('heading', { name: 'Profile settings' }).click();
    expect(await isOpen(accountMenu(page))).toBe(false);
    await context.close();
  });

  test('an organization is created, and is the current one', async () => {
    const visitor = await signedInVisitor(browser(), server, '/organizations/new', { email: 'linus@example.com' });
    const { page, context } = visitor;
    await expectGoodLooks(visitor, 'organization-new');
    await page.getByLabel('Organization name').fill('   ');
    await page.getByRole('button', { name: 'Create organization' }).click();
    expect(await page.getByRole('alert').textContent()).toBe('Enter a name.');
    await expectGoodLooks(visitor, 'organization-new-refused');
    await page.getByLabel('Organization name').fill('Dolphin Works');
    await page.getByRole('button', { name: 'Create organization' }).click();
    await page.waitForURL(/\/organizations\/org_[\w-]+\/settings$/);
    await page.goto(server.url('/account'));
    expect(await page.locator('.account-organization').textContent()).toBe('Dolphin Works');
    await context.close();
  });
});
