import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { describeInChromium } from '../../support/chromium.js';
import { startServer, type TestServer } from '../../support/server.js';
import { inStore } from '../organizationVisit.js';
import { expectGoodLooks } from './looks.js';
import { giveConnections } from './seed.js';
import { signedInVisitor } from './visitor.js';

const LIST = '/account/connections';
let server: TestServer;

beforeAll(async () => {
  server = await startServer();
  await inStore(server, (stores) => giveConnections(stores, 'ada@example.com', 4, ['Acme Robotics']));
});
afterAll(() => server.stop());

describeInChromium('removing a connection', (browser) => {
  test('asks in a dialog that is left by Escape, by Cancel and by a click beside it', async () => {
    const visitor = await signedInVisitor(browser(), server, LIST);
    const { page, context, complaints } = visitor;
    const link = page.getByRole('link', { name: 'Remove the connection of Cursor to Acme Robotics' });
    const dialog = page.getByRole('dialog', { name: 'Remove this connection?' });
    await link.click();
    await dialog.waitFor();
    expect(await dialog.textContent()).toMatch(/Cursor loses access to Acme Robotics at once/);
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Cancel');
    await expectGoodLooks(visitor, 'removal-dialog');
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    expect(await link.evaluate((element) => element === document.activeElement)).toBe(true);
    for (const press of ['Space', 'Enter']) {
      await page.keyboard.press('Enter');
      await dialog.waitFor();
      await page.keyboard.press(press);
      await dialog.waitFor({ state: 'detached' });
      expect(await link.evaluate((element) => element === document.activeElement)).toBe(true);
    }
    await link.click();
    await dialog.waitFor();
    await page.mouse.click(4, 4);
    await dialog.waitFor({ state: 'detached' });
    expect(new URL(page.url()).pathname).toBe(LIST);
    expect(complaints).toEqual([]);
    await context.close();
  });

  test('in the dialog, takes effect and says so', async () => {
    const visitor = await signedInVisitor(browser(), server, LIST);
    const { page, context, complaints } = visitor;
    await page.getByRole('link', { name: 'Remove the connection of Cursor to Acme Robotics' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove connection' }).click();
    const status = page.getByRole('main').getByRole('status');
    expect(await status.textContent()).toContain('The connection was removed.');
    expect(await status.evaluate((element) => element === document.activeElement)).toBe(true);
    expect(await page.getByRole('row').filter({ hasText: 'Cursor' }).count()).toBe(0);
    await expectGoodLooks(visitor, 'removal-done');
    expect(complaints).toEqual([]);
    await context.close();
  });

  test('without JavaScript, asks on a page of its own', async () => {
    const visitor = await signedInVisitor(browser(), server, LIST, { scripts: false });
    const { page, context } = visitor;
    await page.getByRole('link', { name: 'Remove the connection of Visual Studio Code' }).click();
    await page.getByRole('heading', { name: 'Remove this connection?', level: 1 }).waitFor();
    await expectGoodLooks(visitor, 'removal-page');
    await page.getByRole('link', { name: 'Cancel' }).click();
    await page.waitForURL(server.url(LIST));
    await page.getByRole('link', { name: 'Remove the connection of Visual Studio Code' }).click();
    await page.getByRole('button', { name: 'Remove connection' }).click();
    expect(await page.getByRole('status').textContent()).toContain('The connection was removed.');
    expect(await page.getByRole('row').filter({ hasText: 'Visual Studio Code' }).count()).toBe(0);
    await context.close();
  });

  test('in a browser that was signed out meanwhile, leads to the sign-in page', async () => {
    const { page, context } = await signedInVisitor(browser(), server, LIST);
    await context.clearCookies();
    await page.getByRole('link', { name: 'Remove the connection of Claude Code' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await context.close();
  });

  describe('with a store that changed meanwhile', () => {
    test('says that the connection is gone', async () => {
      const first = await signedInVisitor(browser(), server, LIST);
      const second = await signedInVisitor(browser(), server, LIST);
      for (const { page } of [first, second])
        await page.getByRole('link', { name: 'Remove the connection of Claude Code' }).click();
      for (const { page } of [first, second])
        await page.getByRole('dialog').getByRole('button', { name: 'Remove connection' }).click();
      await second.page.getByText('it may have been removed already').waitFor();
      await expectGoodLooks(second, 'error');
      for (const { context } of [first, second]) await context.close();
    });
  });
});
