/** A session that the attacker knows before the victim signs in; an authorization that somebody else began. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Browser, leadsTo } from '../support/browser.js';
import { answerOf, TestClient } from '../support/client.js';
import { csrfOf, post } from '../support/forms.js';
import { offeredOrganizations, Person } from '../support/person.js';
import { startServer, type TestServer } from '../support/server.js';

let server: TestServer;
let client: TestClient;
beforeAll(async () => {
  server = await startServer();
  client = await TestClient.register(server);
});
afterAll(() => server?.stop());

const cookie = async (browser: Browser, name: string): Promise<string | undefined> =>
  (await browser.jar.getCookies(server.url('/'))).find(({ key }) => key === name)?.value;

/** Puts all cookies of one browser into another one. */
const plant = async (from: Browser, to: Browser): Promise<void> => {
  for (const { key, value } of await from.jar.getCookies(server.url('/')))
    await to.jar.setCookie(`${key}=${value}; Path=/`, server.url('/'));
};

const whoIsIn = async (browser: Browser): Promise<string> => {
  const page = await browser.open(server.url('/account'));
  if (page.url.pathname !== '/account') return page.url.pathname;
  return /[\w.]+@example\.com/.exec(page.html.textContent)?.[0] ?? 'nobody';
};

const signIn = async (browser: Browser, email: string): Promise<void> => {
  const page = await browser.open(server.url('/login?again=1'));
  await browser.submit(page, 'input[name=password]', { email, password: 'demo-password' });
};

describe('Signing in', () => {
  test('gives a new session id, and the one that was planted before is worth nothing', async () => {
    const attacker = new Browser();
    await signIn(attacker, 'linus@example.com');
    const planted = await cookie(attacker, 'session');
    const victim = new Browser();
    await plant(attacker, victim);
    await signIn(victim, 'ada@example.com');
    expect(await cookie(victim, 'session')).not.toBe(planted);
    expect(await whoIsIn(victim)).toBe('ada@example.com');
    expect(await whoIsIn(attacker)).toBe('/login');
  });

  test('never turns the id of before the sign-in into a session', async () => {
    const attacker = new Browser();
    await attacker.open(server.url('/login'));
    const victim = new Browser();
    await plant(attacker, victim);
    await signIn(victim, 'ada@example.com');
    expect(await cookie(victim, 'session')).not.toBe(await cookie(attacker, 'browser'));
    expect(await whoIsIn(attacker)).toBe('/login');
  });

  test('gives a new id each time, also to the same person in the same browser', async () => {
    const browser = new Browser();
    const ids = new Set<string | undefined>();
    for (let i = 0; i < 3; i++) {
      await signIn(browser, 'ada@example.com');
      ids.add(await cookie(browser, 'session'));
    }
    expect(ids.size).toBe(3);
  });

  test('is not possible with a form that the attacker opened', async () => {
    const attackers = await new Browser().open(server.url('/login'));
    const victim = new Browser();
    await victim.open(server.url('/login'));
    const fields = { csrf_token: csrfOf(attackers), email: 'linus@example.com', password: 'demo-password' };
    expect((await post(victim, server.url('/login'), fields)).status).toBe(403);
    expect(await whoIsIn(victim)).toBe('/login');
  });

  test.each(['a made-up id', 'a changed signature', 'no signature'])(
    'is not replaced by a cookie with %s',
    async (how) => {
      const victim = new Browser();
      await signIn(victim, 'ada@example.com');
      const [id = '', signature = ''] = [await cookie(victim, 'session'), await cookie(victim, 'session.sig')];
      const forged = new Browser();
      const changed = (text: string) => (text.startsWith('A') ? 'B' : 'A') + text.slice(1);
      await forged.jar.setCookie(`session=${how === 'a made-up id' ? changed(id) : id}; Path=/`, server.url('/'));
      if (how !== 'no signature')
        await forged.jar.setCookie(
          `session.sig=${how === 'a changed signature' ? changed(signature) : signature}; Path=/`,
          server.url('/'),
        );
      expect(await whoIsIn(forged)).toBe('/login');
    },
  );
});

test('Signing out ends the session itself and not only its cookie', async () => {
  const browser = new Browser();
  await signIn(browser, 'ada@example.com');
  const kept = new Browser();
  await plant(browser, kept);
  await browser.submit(await browser.open(server.url('/account')), 'form[action$="/logout"]');
  expect(await whoIsIn(kept)).toBe('/login');
});

describe("Another person's authorization", () => {
  const consentOf = async (email: string) => {
    const person = new Person(email);
    return { person, page: await person.openConsent(client.authorize().url) };
  };

  test('is not shown to a victim who is sent its address', async () => {
    const { page } = await consentOf('linus@example.com');
    const victim = new Browser();
    await signIn(victim, 'ada@example.com');
    const opened = await victim.open(page.url);
    expect(opened.status).toBe(400);
    expect(offeredOrganizations(opened)).toEqual([]);
  });

  test('is not resumed by a victim who is sent the address after the approval', async () => {
    const { person, page } = await consentOf('linus@example.com');
    const organization = offeredOrganizations(page)[0]?.id ?? '';
    const fields = { csrf_token: csrfOf(page), organization_id: organization, decision: 'approve' };
    const approved = await post(person.browser, page.url, fields);
    const resume = new URL(approved.headers.get('location') ?? '', page.url);
    const victim = new Browser();
    await signIn(victim, 'ada@example.com');
    const resumed = await answerOf(await victim.send(resume));
    expect(resumed.status).toBe(400);
    expect(resumed.headers.get('location')).toBeNull();
    expect(resumed.headers.get('refresh')).toBeNull();
    // The attacker's own browser goes on, as the attacker.
    const own = await answerOf(await person.browser.send(resume));
    expect(leadsTo(own.status, own.headers, own.text)).toContain('code=');
  });

  test('is not answered by a victim who is made to post its form', async () => {
    const { page } = await consentOf('linus@example.com');
    const victim = new Browser();
    await signIn(victim, 'ada@example.com');
    const own = await victim.open(server.url('/account'));
    const fields = { csrf_token: csrfOf(own), organization_id: 'any', decision: 'approve' };
    expect((await post(victim, page.url, fields)).status).toBe(403);
  });
});
