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
/** The addresses that it was called back at. */
const calledBack: string[] = [];
/** How long it takes to answer at /slow, as a client does that exchanges the code first (milliseconds). */
const EXCHANGES_MS = 1_500;
let client: TestClient;

beforeAll(async () => {
  server = await startServer();
  await inStore(server, (stores) => giveOrganizations(stores, 'ada@example.com', 37));
  callback = createServer((request, response) => {
    const { pathname, search } = new URL(request.url ?? '/', 'http://localhost');
    calledBack.push(request.url ?? '');
    if (pathname === '/slow') return setTimeout(() => response.end('hello from the slow client'), EXCHANGES_MS);
    if (pathname === '/elsewhere') return response.end('hello from the other origin');
    if (pathname !== '/onward') return response.end('hello from the client');
    const { port } = callback.address() as AddressInfo;
    return response.writeHead(302, { Location: `http://localhost:${port}/elsewhere${search}` }).end();
  }).listen(0, '::');
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

  test('two clicks on "Allow access" 150 ms apart, with 400 ms of latency, lead to the client once', async () => {
    const { page, context, complaints } = await newVisitor(browser());
    const { url, verifier } = client.authorize();
    await page.goto(url);
    await fillSignIn(page, 'grace@example.com');
    await page.getByRole('radio', { name: 'Acme Robotics' }).check();
    const button = page.getByRole('button', { name: 'Allow access' });
    await button.scrollIntoViewIfNeeded();
    await page.waitForFunction(() => !document.querySelector('[data-settles][aria-disabled]'));
    const { x, y, width, height } = (await button.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
    const posts: string[] = [];
    page.on('request', (request) => {
      if (request.method() === 'POST') posts.push(request.url());
    });
    const session = await context.newCDPSession(page);
    await session.send('Network.enable');
    const slow = { offline: false, latency: 400, downloadThroughput: -1, uploadThroughput: -1 };
    await session.send('Network.emulateNetworkConditions', slow);
    await page.mouse.click(x + width / 2, y + height / 2);
    await page.waitForTimeout(150);
    await page.mouse.click(x + width / 2, y + height / 2);
    await page.getByText('hello from the client').waitFor();
    expect(posts.length).toBeGreaterThan(1);
    const code = new URL(page.url()).searchParams.get('code') ?? '';
    // A callback that runs twice exchanges its code twice, which ends the connection.
    expect(calledBack.filter((url) => url.includes(code))).toHaveLength(1);
    expect((await client.exchange(code, verifier)).status).toBe(200);
    expect(complaints).toEqual([]);
    await context.close();
  });

  test('a click where the way on will be, while a slow client works, calls it back no second time', async () => {
    const { page, context } = await newVisitor(browser(), false);
    const { port } = callback.address() as AddressInfo;
    const slow = await TestClient.register(server, RESOURCE, `http://127.0.0.1:${port}/slow`);
    await page.goto(slow.authorize().url);
    await fillSignIn(page, 'grace@example.com');
    await page.getByRole('radio', { name: 'Acme Robotics' }).check();
    const leadingOn = page.waitForResponse((response) => response.headers().refresh !== undefined);
    await page.getByRole('button', { name: 'Allow access' }).click({ noWaitAfter: true });
    await leadingOn;
    await page.waitForTimeout(300);
    // The browser is on its way, so nobody can ask it where the link is; nothing else on the page can be clicked.
    const { width, height } = page.viewportSize() ?? { width: 0, height: 0 };
    for (let y = 100; y < height; y += 25) await page.mouse.click(width / 2, y);
    await page.getByText('hello from the slow client').waitFor();
    expect(calledBack.filter((url) => url.startsWith('/slow'))).toHaveLength(1);
    await context.close();
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

  describe.each([
    ['cursor://anysphere.cursor-mcp/oauth/callback', true],
    ['com.example.app:/callback', true],
    ['com.example.app:/callback', false],
  ])('%s (JavaScript: %s)', (redirectUri, scripts) => {
    test.each(['Allow access', 'Deny'])('"%s" makes the browser ask for a program of this scheme', async (button) => {
      const { page, context, complaints } = await newVisitor(browser(), scripts);
      const app = await TestClient.register(server, RESOURCE, redirectUri);
      await page.goto(app.authorize().url);
      await fillSignIn(page, 'grace@example.com');
      await page.getByRole('radio', { name: 'Acme Robotics' }).check();
      const session = await context.newCDPSession(page);
      await session.send('Page.enable');
      const asked = new Promise<string>((resolve) => {
        session.on('Page.frameRequestedNavigation', ({ url }) => {
          if (url.startsWith(redirectUri)) resolve(url);
        });
      });
      await page.getByRole('button', { name: button }).click();
      const { searchParams } = new URL(await asked);
      expect(searchParams.has(button === 'Deny' ? 'error' : 'code')).toBe(true);
      // The browser asks the system and stays; the page says how to go on, after a while that other tests need not wait for.
      const link = page.locator('main a', { hasText: 'Continue to' });
      await link.waitFor({ state: 'attached' });
      if (!scripts && button === 'Deny') {
        expect(await link.isVisible()).toBe(false);
        await link.waitFor({ state: 'visible' });
      }
      expect(complaints).toEqual([]);
      await context.close();
    });
  });

  describe.each(WITH_AND_WITHOUT_SCRIPTS)('a callback that leads on to another origin, %s', (_words, scripts) => {
    const path = "/onward?x=a,b;c='d'&y=%22;url=https://evil.example/";

    test.each(['Allow access', 'Deny'])('"%s" ends there', async (button) => {
      const { page, context, complaints } = await newVisitor(browser(), scripts);
      const { port } = callback.address() as AddressInfo;
      const onward = await TestClient.register(server, RESOURCE, `http://127.0.0.1:${port}${path}`);
      await page.goto(onward.authorize({ state: `a,b;c="d"'e'; url=https://evil.example/` }).url);
      await fillSignIn(page, 'grace@example.com');
      await page.getByRole('radio', { name: 'Acme Robotics' }).check();
      await page.getByRole('button', { name: button }).click();
      await page.getByText('hello from the other origin').waitFor();
      const { origin, searchParams } = new URL(page.url());
      expect(origin).toBe(`http://localhost:${port}`);
      expect(searchParams.get('state')).toBe(`a,b;c="d"'e'; url=https://evil.example/`);
      expect([searchParams.get('x'), searchParams.get('y')]).toEqual(["a,b;c='d'", '";url=https://evil.example/']);
      expect(searchParams.has(button === 'Deny' ? 'error' : 'code')).toBe(true);
      expect(complaints).toEqual([]);
      await context.close();
    });
  });
});
