import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { describeInChromium } from '../../support/chromium.js';
import { startServer, type TestServer } from '../../support/server.js';
import { inStore } from '../organizationVisit.js';
import { expectGoodLooks } from './looks.js';
import { giveConnections } from './seed.js';
import { signedInVisitor, WITH_AND_WITHOUT_SCRIPTS } from './visitor.js';

const LIST = '/account/connections';
let server: TestServer;

beforeAll(async () => {
  server = await startServer();
  await inStore(server, async (stores) => {
    await giveConnections(stores, 'ada@example.com', 60, ['Acme Robotics', 'Closed Circuit', 'Beacon Labs']);
    await giveConnections(stores, 'linus@example.com', 3, ['Acme Robotics', 'Closed Circuit']);
  });
});
afterAll(() => server.stop());

describeInChromium('MCP Connections', (browser) => {
  describe.each(WITH_AND_WITHOUT_SCRIPTS)('%s', (_words, scripts) => {
    test('without any, says how to connect a client', async () => {
      const visitor = await signedInVisitor(browser(), server, LIST, { email: 'grace@example.com', scripts });
      const { page, context } = visitor;
      await expect(page.getByText('claude mcp add --transport http').count()).resolves.toBe(1);
      await expectGoodLooks(visitor, 'connections-empty');
      await context.close();
    });

    test('shows which are rejected and why', async () => {
      const visitor = await signedInVisitor(browser(), server, LIST, { email: 'linus@example.com', scripts });
      const { page, context } = visitor;
      const row = page.getByRole('row').filter({ hasText: 'Closed Circuit' });
      expect(await row.textContent()).toContain('MCP access is switched off for this organization');
      await expectGoodLooks(visitor, 'connections-few');
      await context.close();
    });

    test('many can be searched and leafed through', async () => {
      const visitor = await signedInVisitor(browser(), server, LIST, { scripts });
      const { page, context } = visitor;
      const rows = page.getByRole('row').filter({ has: page.getByRole('cell') });
      expect(await rows.count()).toBe(25);
      await expectGoodLooks(visitor, 'connections-many');
      await page.getByRole('link', { name: 'Older', exact: true }).click();
      await page.getByRole('link', { name: 'Older', exact: true }).click();
      expect(await rows.count()).toBe(10);
      await page.getByLabel('Client or organization').fill('cursor');
      await page.getByLabel('Organization', { exact: true }).selectOption({ label: 'Beacon Labs' });
      await page.getByRole('button', { name: 'Search' }).click();
      expect(await rows.count()).toBe(5);
      for (const text of await rows.allInnerTexts()) expect(text).toMatch(/Beacon Labs[\s\S]*Cursor/);
      await page.getByLabel('Client or organization').fill('no such client');
      await page.getByRole('button', { name: 'Search' }).click();
      await page.getByRole('heading', { name: 'No connection matches' }).waitFor();
      await expectGoodLooks(visitor, 'connections-none');
      await context.close();
    });
  });
});
