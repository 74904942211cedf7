/** A person at a real browser, with or without JavaScript. */
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { Browser as PlainBrowser } from '../../support/browser.js';
import { DEMO_PASSWORD } from '../../support/person.js';
import type { TestServer } from '../../support/server.js';

export const WITH_AND_WITHOUT_SCRIPTS = [
  ['with JavaScript', true],
  ['without JavaScript', false],
] as const;

export interface Visitor {
  readonly browser: Browser;
  readonly scripts: boolean;
  readonly context: BrowserContext;
  readonly page: Page;
  /** What the browser refused because of the Content-Security-Policy, and errors of scripts. */
  readonly complaints: string[];
}

/** Opens a browser window of its own, without cookies. */
export async function newVisitor(browser: Browser, scripts = true): Promise<Visitor> {
  const context = await browser.newContext({ javaScriptEnabled: scripts, locale: 'en-GB', timezoneId: 'UTC' });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' && /Content Security Policy/i.test(message.text())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  return { browser, scripts, context, page, complaints };
}

/** Fills the sign-in page that is open. */
export async function fillSignIn(page: Page, email = 'ada@example.com', password = DEMO_PASSWORD): Promise<void> {
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

/** A visitor who signed in and opened a page. The sign-in page itself, which Chromium is slow to fill, is tried elsewhere. */
export async function signedInVisitor(
  browser: Browser,
  server: TestServer,
  path: string,
  { email = 'ada@example.com', scripts = true }: { email?: string; scripts?: boolean } = {},
): Promise<Visitor> {
  const visitor = await newVisitor(browser, scripts);
  const signingIn = new PlainBrowser({ 'user-agent': `Mozilla/5.0 (X11; Linux x86_64) Chrome/${browser.version()}` });
  const values = { email, password: DEMO_PASSWORD };
  await signingIn.submit(await signingIn.open(server.url('/login')), 'input[name=password]', values);
  const cookies = await signingIn.jar.getCookies(server.url('/'));
  await visitor.context.addCookies(cookies.map(({ key, value }) => ({ name: key, value, url: server.url('/') })));
  await visitor.page.goto(server.url(path));
  await visitor.page.waitForURL(server.url(path));
  return visitor;
}
