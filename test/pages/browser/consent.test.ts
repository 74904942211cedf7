import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { describeInChromium } from '../../support/chromium.js';
import { TestClient } from '../../support/client.js';
import { startServer, type TestServer } from '../../support/server.js';
import { inStore } from '../organizationVisit.js';
import { expectGoodLooks } from './looks.js';
import { giveOrganizations } from './seed.js';
import { fillSignIn, newVisitor, WITH_AND_WITHOUT_SCRIPTS } from './visitor.js';

const RESOURCE = 'http://localhost:3001/mcp';
let server: TestServer;
/** A client on another origin: whatever it is called back with, it says hello. */
let callback: Server;
let client: TestClient;

beforeAll(async () => {
  server = await startServer();
  await inStore(server, (stores) => giveOrganizations(stores, 'ada@example.com', 37));
  callback = createServer((_request, response) => response.end('hello from the client')).listen(0, '127.0.0.1');
  await once(callback, 'listening');
  const { port } = callback.address() as AddressInfo;
  client = await TestClient.register(server, RESOURCE, `http://127.0.0.1:${port}/callback`);
});
afterAll(async () => {
  callback.closeAllConnections();
  callback.close();
  await server.stop();
});

describeInChromium('connecting', (browser) => {
  describe.each(WITH_AND_WITHOUT_SCRIPTS)('%s', (_words, scripts) => {
    test('from the sign-in page to the client on another origin', async () => {
      const visitor = await newVisitor(browser(), scripts);
      const { page, context, complaints } = visitor;
      await page.goto(client.authorize().url);
      await expectGoodLooks(visitor, 'sign-in');
      await fillSignIn(page, 'ada@example.com', 'wrong password');
      expect(await page.getByRole('alert').textContent()).toMatch(/Email or password is not right/);
      await expectGoodLooks(visitor, 'sign-in-refused');
      await fillSignIn(page);
      await page.getByRole('heading', { name: 'wants access to' }).waitFor();
      expect(await page.getByRole('radio').count()).toBe(40);
      await expectGoodLooks(visitor, 'consent-many');
      expect(await page.getByRole('radio', { checked: true }).count()).toBe(0);
      const advice = page.getByText('Ask one of its account admins');
      expect(await advice.isVisible()).toBe(false);
      await page.getByText('Is an organization missing?').click();
      expect(await advice.isVisible()).toBe(true);
      await expectGoodLooks(visitor, 'consent-missing');
      await page.getByRole('radio', { name: 'Acme Robotics' }).check();
      await page.getByRole('button', { name: 'Allow access' }).click();
      await page.getByText('hello from the client').waitFor();
      expect(new URL(page.url()).searchParams.get('code')).toMatch(/^[\w-]{43,}$/);
      expect(complaints).toEqual([]);
      await context.close();
    });

    test('denied: the client is told so', async () => {
      const visitor = await newVisitor(browser(), scripts);
      const { page, context, complaints } = visitor;
      await page.goto(client.authorize().url);
      await fillSignIn(page, 'grace@example.com');
      await expectGoodLooks(visitor, 'consent');
      await page.getByRole('button', { name: 'Deny' }).click();
      await page.getByText('hello from the client').waitFor();
      expect(new URL(page.url()).searchParams.get('error')).toBe('access_denied');
      expect(complaints).toEqual([]);
      await context.close();
    });
  });

  test('the filter finds one organization among forty', async () => {
    const { page, context } = await newVisitor(browser());
    await page.goto(client.authorize().url);
    await fillSignIn(page);
    await page.getByLabel('Filter organizations').fill('beacon');
    const shown = page.getByRole('radio').filter({ visible: true });
    expect(await shown.count()).toBe(1);
    await shown.check();
    await page.getByRole('button', { name: 'Allow access' }).click();
    await page.getByText('hello from the client').waitFor();
    await context.close();
  });

  describe.each(['cursor://anysphere.cursor-mcp/oauth/callback', 'com.example.app:/callback'])('%s', (redirectUri) => {
    const allow = async (policy?: string) => {
      const visitor = await newVisitor(browser());
      const { page } = visitor;
      const app = await TestClient.register(server, RESOURCE, redirectUri);
      if (policy)
        await page.route('**/interaction/*', async (route) => {
          if (route.request().method() !== 'GET') return route.continue();
          const response = await route.fetch({ maxRedirects: 0 });
          await route.fulfill({ response, headers: { ...response.headers(), 'content-security-policy': policy } });
        });
      await page.goto(app.authorize().url);
      await fillSignIn(page, 'grace@example.com');
      const choice = page.getByRole('radio', { name: 'Acme Robotics' });
      await choice.waitFor();
      // A page that a redirect led to is not routed.
      await page.reload();
      await choice.check();
      const answer = page.waitForResponse((response) => response.request().method() === 'POST');
      await page.getByRole('button', { name: 'Allow access' }).click();
      const location = (await (await answer).allHeaders()).location ?? '';
      // The browser asks the system for a program of this scheme, of which no event tells.
      await page.waitForTimeout(500);
      await visitor.context.close();
      return { location, complaints: visitor.complaints };
    };

    test('is not blocked by the Content-Security-Policy', async () => {
      const { location, complaints } = await allow();
      expect(location).toMatch(/\/authorize\//);
      expect(complaints).toEqual([]);
    });

    test('would be blocked by a policy without its scheme', async () => {
      expect((await allow("form-action 'self'")).complaints).toHaveLength(1);
    });
  });
});
