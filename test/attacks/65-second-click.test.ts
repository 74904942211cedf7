/** A click that was meant for another page: "Allow access" and what cannot be undone do nothing before their page has settled. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { fillSignIn, newVisitor, signedInVisitor } from '../pages/browser/visitor.js';
import { describeInChromium } from '../support/chromium.js';
import { request, TestClient } from '../support/client.js';
import { startServer, type TestServer } from '../support/server.js';

let server: TestServer;
/** A client on another origin, which opens the consent page in a popup and waits for it. */
let web: Server;
let client: TestClient;
const origin = (): string => `http://127.0.0.1:${(web.address() as AddressInfo).port}`;

beforeAll(async () => {
  server = await startServer();
  web = createServer((req, res) => {
    res.setHeader('Content-Type', 'text/html');
    const back = '<script>opener?.postMessage(location.search, location.origin); document.write("back")</script>';
    res.end(req.url?.startsWith('/callback') ? back : '<p>client</p>');
  }).listen(0, '127.0.0.1');
  await once(web, 'listening');
  client = await TestClient.register(server, undefined, `${origin()}/callback`);
});
afterAll(async () => {
  web?.closeAllConnections();
  web?.close();
  await server?.stop();
});

/** Clicks as an attacker's timing makes a person click: at once, with the mouse, on what is there. */
const clickAtOnce = (page: Page, name: string) => page.getByRole('button', { name }).dispatchEvent('click');

const isWaiting = (page: Page, name: string) => page.getByRole('button', { name }).getAttribute('aria-disabled');

/** Time stands still on the page, so that no machine is too slow for half a second. */
const consentAt = async (page: Page): Promise<void> => {
  await page.clock.install();
  await page.goto(client.authorize().url);
  await fillSignIn(page, 'grace@example.com');
  await page.getByRole('radio', { name: 'Acme Robotics' }).check();
  await page.clock.pauseAt(Date.now() + 60_000);
  await page.reload();
  await page.getByRole('radio', { name: 'Acme Robotics' }).check();
};

describeInChromium('A second click', (browser) => {
  test('within half a second allows nothing; after it the button works', async () => {
    const { page, context, complaints } = await newVisitor(browser());
    await consentAt(page);
    const consent = page.url();
    for (const ms of [0, 250, 249]) {
      await page.clock.runFor(ms);
      expect(await isWaiting(page, 'Allow access')).toBe('true');
      await clickAtOnce(page, 'Allow access');
      await page.getByRole('radio', { name: 'Acme Robotics' }).press('Enter');
      await page.getByRole('button', { name: 'Allow access' }).press('Space');
      expect(page.url()).toBe(consent);
    }
    await page.clock.runFor(1);
    expect(await isWaiting(page, 'Allow access')).toBeNull();
    await clickAtOnce(page, 'Allow access');
    await page.waitForURL(/\/callback\?code=/);
    expect(complaints).toEqual([]);
    await context.close();
  });

  test('the keyboard reaches the button while it waits, and presses it after', async () => {
    const { page, context } = await newVisitor(browser());
    await consentAt(page);
    await page.getByRole('button', { name: 'Allow access' }).focus();
    await page.clock.runFor(500);
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Allow access');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/callback\?code=/);
    await context.close();
  });

  test.each(['blur', 'visibilitychange', 'pageshow'])('half a second begins again at %s', async (event) => {
    const { page, context } = await newVisitor(browser());
    await consentAt(page);
    await page.clock.runFor(500);
    expect(await isWaiting(page, 'Allow access')).toBeNull();
    await page.evaluate(
      (name) => (name === 'visibilitychange' ? document : window).dispatchEvent(new Event(name)),
      event,
    );
    expect(await isWaiting(page, 'Allow access')).toBe('true');
    await page.clock.runFor(500);
    expect(await isWaiting(page, 'Allow access')).toBeNull();
    await context.close();
  });

  test('a page without the focus never allows, however long it is there', async () => {
    const { page, context } = await newVisitor(browser());
    await page.addInitScript(() => {
      document.hasFocus = () => false;
    });
    await consentAt(page);
    await page.clock.runFor(60_000);
    expect(await isWaiting(page, 'Allow access')).toBe('true');
    await context.close();
  });

  test('denying works at once', async () => {
    const { page, context } = await newVisitor(browser());
    await consentAt(page);
    await clickAtOnce(page, 'Deny');
    await page.waitForURL(/\/callback\?error=access_denied/);
    await context.close();
  });

  test('without JavaScript the button works as it always did', async () => {
    const { page, context } = await newVisitor(browser(), false);
    await page.goto(client.authorize().url);
    await fillSignIn(page, 'grace@example.com');
    await page.getByRole('radio', { name: 'Acme Robotics' }).check();
    await page.getByRole('button', { name: 'Allow access' }).click();
    await page.waitForURL(/\/callback\?code=/);
    await context.close();
  });

  test('what ends a connection waits as well, on its page and in the dialog', async () => {
    await client.connect();
    const { page, context } = await signedInVisitor(browser(), server, '/account/connections');
    await page.clock.install();
    await page.reload();
    await page
      .getByRole('link', { name: /Remove/ })
      .first()
      .click();
    const remove = page.getByRole('dialog').getByRole('button', { name: 'Remove connection' });
    await remove.waitFor();
    await page.clock.pauseAt(Date.now() + 60_000);
    const { pathname } = new URL(
      (await page
        .getByRole('link', { name: /Remove/ })
        .first()
        .getAttribute('href')) ?? '',
      page.url(),
    );
    await page.goto(server.url(pathname));
    expect(await isWaiting(page, 'Remove connection')).toBe('true');
    await clickAtOnce(page, 'Remove connection');
    expect(new URL(page.url()).pathname).toBe(pathname);
    await page.clock.runFor(500);
    await clickAtOnce(page, 'Remove connection');
    await page.waitForURL(/\/account\/connections/);
    await context.close();
  });

  test('a client that opened a popup still hears from it', async () => {
    const { page, context } = await newVisitor(browser());
    await page.goto(origin());
    const heard = page.evaluate(
      () => new Promise<string>((resolve) => addEventListener('message', ({ data }) => resolve(String(data)))),
    );
    const opening = context.waitForEvent('page');
    await page.evaluate((url) => void window.open(url, 'consent', 'popup'), client.authorize().url);
    const popup = await opening;
    await fillSignIn(popup, 'grace@example.com');
    await popup.getByRole('radio', { name: 'Acme Robotics' }).check();
    await popup.getByRole('button', { name: 'Allow access' }).click();
    expect(await heard).toMatch(/^\?code=/);
    await context.close();
  });
});

test('pages that no client waits for are cut off from whoever opened them', async () => {
  const policy = async (path: string) => (await request(server.url(path))).headers.get('cross-origin-opener-policy');
  for (const path of ['/account', '/account/connections', '/organizations/new', '/invitations/x', '/nothing'])
    expect(`${path} ${await policy(path)}`).toBe(`${path} same-origin-allow-popups`);
  for (const path of ['/login', '/interaction/x', '/authorize', '/authorize/x', '/login/upstream'])
    expect(`${path} ${await policy(path)}`).toBe(`${path} null`);
});
