/** Connecting again: the consent page says what is kept and marks what is new, and lists mark what was replaced. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { describeInChromium } from '../../support/chromium.js';
import { TestClient } from '../../support/client.js';
import { directory } from '../../support/directory.js';
import { startServer, type TestServer } from '../../support/server.js';
import { pathOf } from '../organizationVisit.js';
import { expectGoodLooks } from './looks.js';
import { fillSignIn, newVisitor, signedInVisitor, WITH_AND_WITHOUT_SCRIPTS } from './visitor.js';

let server: TestServer;
let client: TestClient;

beforeAll(async () => {
  server = await startServer();
  client = await TestClient.register(server);
  for (const email of ['grace@example.com', 'linus@example.com'])
    await client.connect({ email }, { scope: 'mcp:read offline_access' });
});
afterAll(() => server?.stop());

describeInChromium('connecting again', (browser) => {
  describe.each(WITH_AND_WITHOUT_SCRIPTS)('%s', (_words, scripts) => {
    test('in one of several organizations: what holds there stands beneath it', async () => {
      const visitor = await newVisitor(browser(), scripts);
      const { page, context } = visitor;
      await page.goto(client.authorize({ scope: 'mcp:write' }).url);
      await fillSignIn(page, 'grace@example.com');
      const acme = page.getByRole('radio', { name: 'Acme Robotics' });
      await acme.waitFor();
      expect(await page.getByRole('radio', { checked: true }).count()).toBe(0);
      const described = page.locator(`#${await acme.getAttribute('aria-describedby')}`);
      const items = await described.getByRole('listitem').allTextContents();
      expect(items.map((text) => text.replace(/\s+/g, ' ').trim())).toEqual([
        expect.stringMatching(/ New$/),
        'Read the notes of the organization',
        'Stay connected until this connection ends',
      ]);
      await expectGoodLooks(visitor, 'consent-again');
      await context.close();
    });

    test('in the only organization: the list says it once', async () => {
      await directory(server, 'mcp-access', 'off', 'Linus Torvalds (personal)');
      try {
        const visitor = await newVisitor(browser(), scripts);
        const { page, context } = visitor;
        await page.goto(client.authorize({ scope: 'mcp:write' }).url);
        await fillSignIn(page, 'linus@example.com');
        await page.getByText('It keeps its current access; what is new is marked.').waitFor();
        expect(await page.getByText('New', { exact: true }).count()).toBe(1);
        await expectGoodLooks(visitor, 'consent-again-only');
        await context.close();
      } finally {
        await directory(server, 'mcp-access', 'on', 'Linus Torvalds (personal)');
      }
    });
  });

  test('both lists mark the older connection, and it can be removed', async () => {
    await client.connect({ email: 'grace@example.com' }, { scope: 'mcp:write' });
    const path = await pathOf(server, 'Acme Robotics');
    const email = 'grace@example.com';
    for (const [list, state] of [
      ['/account/connections', 'connections-replaced'],
      [`${path}/connections?client=${client.clientId}`, 'organization-connections-replaced'],
    ] as const) {
      const visitor = await signedInVisitor(browser(), server, list, { email });
      const marked = visitor.page.getByRole('row').filter({ hasText: 'by a newer connection of this client' });
      expect(await marked.count()).toBe(1);
      await expectGoodLooks(visitor, state);
      await visitor.context.close();
    }
    const { page, context } = await signedInVisitor(browser(), server, '/account/connections', { email });
    await page.getByRole('row').filter({ hasText: 'by a newer' }).getByRole('link', { name: 'Remove' }).click();
    await page.getByRole('button', { name: 'Remove connection' }).click();
    await page.getByText('The connection was removed.').waitFor();
    expect(await page.getByText('by a newer connection of this client').count()).toBe(0);
    await context.close();
  });
});
