/** Guessing passwords: slowed for an account and an address, slowed when spread, and never the owner's end. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Browser, type Page } from '../support/browser.js';
import { TestClient } from '../support/client.js';
import { configFor } from '../support/demoServer.js';
import { startServer, type TestServer } from '../support/server.js';

const WINDOW_S = 600;
const rate = (events: number) => ({ events, seconds: WINDOW_S });
const RATES = {
  signInPerAccountAndAddress: rate(3),
  signInPerAddress: rate(12),
  signInPerAccount: rate(8),
  upstreamPerAddress: rate(3),
};

let server: TestServer;
beforeAll(async () => {
  const config = { ...(await configFor('http://localhost:3001/mcp')), limits: { rates: RATES } };
  // Nothing answers there: what is looked at is how often somebody may be sent.
  const upstream = {
    UPSTREAM_ISSUER: 'http://127.0.0.1:9',
    UPSTREAM_CLIENT_ID: 'this-server',
    UPSTREAM_CLIENT_SECRET: 'any',
  };
  server = await startServer({ config, env: { TRUST_PROXY: '1', ...upstream } });
});
afterAll(() => server?.stop());

let addresses = 0;
const newAddress = (): string => `192.0.2.${++addresses}`;
const browserAt = (address: string): Browser => new Browser({ 'x-forwarded-for': address });
const signIn = async (browser: Browser, email: string, password = 'demo-password'): Promise<Page> =>
  browser.submit(await browser.open(server.url('/login?again=1')), 'input[name=password]', { email, password });
const isSlowed = (page: Page): void => {
  expect(page.status).toBe(429);
  const wait = Number(page.headers.get('retry-after'));
  expect(wait).toBeGreaterThan(0);
  expect(wait).toBeLessThanOrEqual(WINDOW_S);
};
const isIn = (page: Page): void => expect(`${page.status} ${page.url.pathname}`).toBe('200 /account/connections');

test('guesses of one account from one address are slowed, the right password included', async () => {
  const browser = browserAt(newAddress());
  for (let n = 0; n < 3; n++) expect((await signIn(browser, 'grace@example.com', `guess ${n}`)).status).toBe(401);
  isSlowed(await signIn(browser, 'grace@example.com'));
});

test.each(['GRACE@example.com', ' grace@example.com ', 'Grace@Example.com'])(
  'another spelling of the address (%j) counts as the same account',
  async (spelling) => {
    await server.advance(WINDOW_S * 1_000);
    const address = newAddress();
    for (const email of ['grace@example.com', spelling, 'grace@example.com'])
      expect((await signIn(browserAt(address), email, 'guess')).status).toBe(401);
    isSlowed(await signIn(browserAt(address), spelling));
  },
);

test('throwing the cookies away, or guessing on the page of a client, helps nobody', async () => {
  await server.advance(WINDOW_S * 1_000);
  const address = newAddress();
  const client = await TestClient.register(server);
  for (let n = 0; n < 3; n++) {
    const browser = browserAt(address);
    const page = await browser.open(client.authorize().url);
    const refused = await browser.submit(page, 'input[name=password]', {
      email: 'grace@example.com',
      password: `${n}`,
    });
    expect(refused.status).toBe(401);
  }
  isSlowed(await signIn(browserAt(address), 'grace@example.com'));
});

test('guesses at once count one by one', async () => {
  await server.advance(WINDOW_S * 1_000);
  const address = newAddress();
  const pages = await Promise.all(
    Array.from({ length: 10 }, (_, n) => signIn(browserAt(address), 'grace@example.com', `guess ${n}`)),
  );
  expect(pages.filter(({ status }) => status === 401)).toHaveLength(3);
  expect(pages.filter(({ status }) => status === 429)).toHaveLength(7);
});

test('guesses of many accounts from one address are slowed, whether the accounts exist or not', async () => {
  await server.advance(WINDOW_S * 1_000);
  const address = newAddress();
  const statuses: number[] = [];
  for (let n = 0; n < 15; n++)
    statuses.push((await signIn(browserAt(address), `account${n}@example.com`, 'summer')).status);
  expect(statuses.filter((status) => status === 401)).toHaveLength(12);
  expect(statuses.at(-1)).toBe(429);
});

test('guesses from one IPv6 network count as from one address, however it is written', async () => {
  await server.advance(WINDOW_S * 1_000);
  for (const address of ['2001:db8:7:7::1', '2001:DB8:7:7:ffff::2', '2001:0db8:0007:0007:0:0:0:3'])
    expect((await signIn(browserAt(address), 'grace@example.com', 'guess')).status).toBe(401);
  isSlowed(await signIn(browserAt('2001:db8:7:7:1:2:3:4'), 'grace@example.com'));
  isIn(await signIn(browserAt('2001:db8:7:8::1'), 'grace@example.com'));
});

test('upstream sign-ins that one IPv6 network begins count as from one address', async () => {
  const begin = (address: string): Promise<Page> => browserAt(address).open(server.url('/login/upstream'));
  for (let n = 1; n <= 3; n++) expect((await begin(`2001:db8:9:9:${n}::1`)).status).toBe(503);
  isSlowed(await begin('2001:db8:9:9:4::1'));
  expect((await begin('2001:db8:9:a::1')).status).toBe(503);
});

test('what one address is refused is not taken from what the account may be tried from others', async () => {
  await server.advance(WINDOW_S * 1_000);
  const address = newAddress();
  for (let n = 0; n < 20; n++) await signIn(browserAt(address), 'grace@example.com', `guess ${n}`);
  isIn(await signIn(browserAt(newAddress()), 'grace@example.com'));
});

test('guesses of the present password on the profile page count like those at the sign-in page', async () => {
  await server.advance(WINDOW_S * 1_000);
  const thief = browserAt(newAddress());
  isIn(await signIn(thief, 'linus@example.com'));
  const guess = async (current_password: string) => {
    const fields = { current_password, new_password: 'a password of the thief' };
    return thief.submit(await thief.open(server.url('/account')), 'form[action$="/account/password"]', fields);
  };
  for (let n = 0; n < 3; n++) expect((await guess(`guess ${n}`)).status).toBe(400);
  isSlowed(await guess('demo-password'));
});

describe('Guesses of one account spread over many addresses', () => {
  test('are slowed all together, and an account that does not exist looks the same', async () => {
    await server.advance(WINDOW_S * 1_000);
    for (const email of ['linus@example.com', 'nobody@example.com']) {
      for (let n = 0; n < 8; n++) expect((await signIn(browserAt(newAddress()), email, `guess ${n}`)).status).toBe(401);
      isSlowed(await signIn(browserAt(newAddress()), email));
    }
  });

  test('do not keep out the owner, who signed in with this browser before', async () => {
    await server.advance(WINDOW_S * 1_000);
    const own = browserAt(newAddress());
    isIn(await signIn(own, 'linus@example.com'));
    for (let n = 0; n < 12; n++) await signIn(browserAt(newAddress()), 'linus@example.com', `guess ${n}`);
    isSlowed(await signIn(browserAt(newAddress()), 'linus@example.com'));
    isIn(await signIn(own, 'linus@example.com'));
  });

  test('gain nothing from a browser that another account signed in with', async () => {
    await server.advance(WINDOW_S * 1_000);
    const attackers = browserAt(newAddress());
    isIn(await signIn(attackers, 'ada@example.com'));
    for (let n = 0; n < 8; n++) await signIn(browserAt(newAddress()), 'linus@example.com', `guess ${n}`);
    isSlowed(await signIn(attackers, 'linus@example.com'));
  });

  test('lock nobody out for good: after the window everybody gets in again', async () => {
    await server.advance(WINDOW_S * 1_000);
    isIn(await signIn(browserAt(newAddress()), 'linus@example.com'));
    isIn(await signIn(browserAt(newAddress()), 'grace@example.com'));
  });
});

test('right passwords do not count', async () => {
  await server.advance(WINDOW_S * 1_000);
  const address = newAddress();
  for (let n = 0; n < 6; n++) isIn(await signIn(browserAt(address), 'ada@example.com'));
});

test('a session that is there goes on while sign-in is slowed', async () => {
  await server.advance(WINDOW_S * 1_000);
  const browser = browserAt(newAddress());
  isIn(await signIn(browser, 'ada@example.com'));
  for (let n = 0; n < 5; n++) await signIn(browserAt(newAddress()), 'ada@example.com', `guess ${n}`);
  isIn(await browser.open(server.url('/account/connections')));
});
