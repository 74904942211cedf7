import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { organizationPath, signedInPerson } from '../support/audit.js';
import { Browser, type Page } from '../support/browser.js';
import { request, TestClient } from '../support/client.js';
import { type MailServer, startMailServer } from '../support/mailServer.js';
import { startServer, type TestServer } from '../support/server.js';

const few = (events: number) => ({ events, seconds: 600 });
const config = {
  ...JSON.parse(readFileSync('config/default.json', 'utf8')),
  limits: {
    rates: {
      signInPerAccountAndAddress: few(3),
      signInPerAddress: few(40),
      signInPerAccount: few(6),
      registrationPerAddress: few(4),
      registrationInAll: few(7),
      authorizationPerAddress: few(4),
      tokenPerClientAndAddress: few(5),
      consentPerAccount: few(2),
    },
  },
};

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ config, env: { TRUST_PROXY: '1' } });
});
afterAll(async () => server.stop());

let addresses = 0;
/** An address that nothing was counted for yet, as the proxy in front writes it. */
const newAddress = (): string => `192.0.2.${++addresses}`;

/** A browser behind the proxy. */
const browserAt = (address: string): Browser => new Browser({ 'x-forwarded-for': address });

const signIn = async (browser: Browser, email: string, password: string): Promise<Page> => {
  const form = await browser.open(server.url('/login'));
  return browser.submit(form, 'form[action$="/login"]', { email, password });
};

const register = (address: string) =>
  request(server.url('/register'), {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-forwarded-for': address },
    body: JSON.stringify({ redirect_uris: ['http://127.0.0.1:8765/callback'] }),
  });

const isRefusal = (headers: Headers): void => {
  expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  expect(Number(headers.get('retry-after'))).toBeLessThanOrEqual(600);
};

describe('Guessing a password', () => {
  test('is slowed for an account and an address, with 429, Retry-After and words', async () => {
    const browser = browserAt(newAddress());
    for (let i = 0; i < 3; i++) expect((await signIn(browser, 'grace@example.com', `guess ${i}`)).status).toBe(401);
    const refused = await signIn(browser, 'grace@example.com', 'demo-password');
    expect(refused.status).toBe(429);
    isRefusal(refused.headers);
    expect(refused.html.textContent).toContain('Wait');
  });

  test('at one account from many addresses is slowed too, and its owner gets in with a browser used before', async () => {
    const own = browserAt(newAddress());
    expect((await signIn(own, 'ada@example.com', 'demo-password')).url.pathname).toBe('/account/connections');
    await own.submit(await own.open(server.url('/account/connections')), 'form[action$="/logout"]');

    for (let i = 0; i < 6; i++)
      expect((await signIn(browserAt(newAddress()), 'ada@example.com', `guess ${i}`)).status).toBe(401);
    expect((await signIn(browserAt(newAddress()), 'ada@example.com', 'demo-password')).status).toBe(429);
    expect((await signIn(own, 'ada@example.com', 'demo-password')).url.pathname).toBe('/account/connections');
  });

  test('that is right does not count', async () => {
    const address = newAddress();
    for (let i = 0; i < 5; i++)
      expect((await signIn(browserAt(address), 'linus@example.com', 'demo-password')).status).toBe(200);
  });
});

describe('A client', () => {
  test('that requests tokens too often from one address gets 429 with Retry-After and an OAuth error', async () => {
    const client = await TestClient.register(server);
    for (let i = 0; i < 5; i++) expect((await client.refresh('nonsense')).json.error).toBe('invalid_grant');
    const refused = await client.refresh('nonsense');
    expect(refused.status).toBe(429);
    expect(refused.json.error).toBe('temporarily_unavailable');
    isRefusal(refused.headers);
  });

  test('sends so many authorization requests from one address; beyond that the browser shows when to try again', async () => {
    const client = await TestClient.register(server);
    const address = newAddress();
    for (const _ of Array(4)) expect((await browserAt(address).open(client.authorize().url)).status).toBe(200);
    const refused = await browserAt(address).open(client.authorize().url);
    expect(refused.status).toBe(429);
    isRefusal(refused.headers);
    expect(refused.html.textContent).toContain('Wait');
    const { url } = client.authorize();
    const posted = await request(server.url('/authorize'), {
      method: 'POST',
      headers: { 'x-forwarded-for': address },
      body: new URL(url).searchParams,
    });
    expect(posted.status).toBe(429);
    expect((await browserAt(newAddress()).open(url)).status).toBe(200);
  });

  test('is not asked for by images, scripts or frames of another page, which would use up what its reader may ask for', async () => {
    const { url } = (await TestClient.register(server)).authorize();
    const address = newAddress();
    for (const destination of ['image', 'script', 'iframe', 'empty'])
      for (const method of ['GET', 'POST', 'HEAD', 'OPTIONS']) {
        const headers = { 'x-forwarded-for': address, 'sec-fetch-dest': destination };
        const { status } = await request(url, { method, headers, redirect: 'manual' });
        expect([destination, method, status]).toEqual([destination, method, /GET|POST/.test(method) ? 403 : 404]);
      }
    const page = new Browser({ 'x-forwarded-for': address, 'sec-fetch-dest': 'document' });
    expect((await page.open(url)).status).toBe(200);
  });

  test('may register so many times from one address, and so many times in all', async () => {
    const address = newAddress();
    for (let i = 0; i < 4; i++) expect((await register(address)).status).toBe(201);
    const refused = await register(address);
    expect(refused.status).toBe(429);
    expect(refused.json.error).toBe('temporarily_unavailable');
    isRefusal(refused.headers);
    const others = [];
    for (let i = 0; i < 4; i++) others.push((await register(newAddress())).status);
    expect(others.at(-1)).toBe(429);
  });
});

describe('Mail', () => {
  let mail: MailServer;
  let mailing: TestServer;
  beforeAll(async () => {
    mail = await startMailServer();
    const rates = {
      invitationPerAccount: few(3),
      organizationPerAccount: few(2),
      passwordResetPerAccount: few(2),
      passwordResetPerAddress: few(5),
    };
    mailing = await startServer({ config: { ...config, limits: { rates } }, env: { SMTP_URL: mail.url } });
  });
  afterAll(async () => {
    await mailing?.stop();
    await mail?.stop();
  });

  test('of invitations is limited by who sends it, in whichever organization and however often to the same address', async () => {
    const ada = await signedInPerson(mailing);
    const add = `${await organizationPath(mailing, ada, 'Acme Robotics')}/members/add`;
    const invite = async (email: string) =>
      ada.browser.submit(await ada.open(add), 'input[name=email]', { email, 'role:insights': 'on' });
    expect((await invite('one@example.com')).status).toBe(200);
    const again = async () => ada.browser.submit(await ada.open(add.replace('/add', '')), 'form[action$="/resend"]');
    expect((await again()).status).toBe(200);
    expect((await invite('two@example.com')).status).toBe(200);
    isRefusal((await invite('three@example.com')).headers);
    expect((await again()).status).toBe(429);
    expect(mail.messages).toHaveLength(3);
  });

  test('cannot be multiplied by creating organizations', async () => {
    const ada = await signedInPerson(mailing);
    const create = async (name: string) =>
      ada.browser.submit(await ada.open(mailing.url('/organizations/new')), 'main input[name=name]', { name });
    for (const name of ['One', 'Two']) expect((await create(name)).status).toBe(200);
    isRefusal((await create('Three')).headers);
  });

  test('for a forgotten password is limited by account without a word, and by address with 429', async () => {
    mail.messages.length = 0;
    const browser = new Browser();
    const ask = async (email: string) => {
      await mailing.advance(61_000);
      return browser.submit(await browser.open(mailing.url('/password/forgotten')), 'input[name=email]', { email });
    };
    const recipients = () => mail.messages.map((message) => /^To: (.*)$/m.exec(message)?.[1]?.trim());
    // Before the clock moves on, as a message that is on its way would be given up.
    const arrived = async (count: number) => {
      for (let n = 0; mail.messages.length < count && n < 100; n++) await new Promise((go) => setTimeout(go, 50));
    };
    const asked = {
      'linus@example.com': [1, 2],
      'grace@example.com': [3],
      ' LINUS@example.com': [3],
      'ada@example.com': [4],
    };
    for (const [email, counts] of Object.entries(asked))
      for (const count of counts) {
        expect((await ask(email)).status).toBe(200);
        await arrived(count);
      }
    isRefusal((await ask('ada@example.com')).headers);
    expect(recipients()).toEqual(['linus', 'linus', 'grace', 'ada'].map((name) => `${name}@example.com`));
  });
});
