/** Signing in with an upstream OpenID provider, a real one in its own process. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { auditLog, signedInPerson } from '../support/audit.js';
import { Browser, type Page } from '../support/browser.js';
import { introspect, TestClient, tokensOf } from '../support/client.js';
import { directory } from '../support/directory.js';
import { clientRedirect, offeredOrganizations, Person } from '../support/person.js';
import type { TestServer } from '../support/server.js';
import { startWithUpstream, type TestUpstream, UpstreamPerson, upstreamLink } from '../support/upstream.js';

let server: TestServer;
let upstream: TestUpstream;
let client: TestClient;
beforeAll(async () => {
  ({ server, upstream } = await startWithUpstream());
  client = await TestClient.register(server);
});
afterAll(() => Promise.all([server.stop(), upstream.stop()]));

const joan = { email: 'joan@example.com', email_verified: true, name: 'Joan Clarke' };
const loginPage = (person: { browser: Browser }): Promise<Page> => person.browser.open(server.url('/login'));
const alertOf = (page: Page): string => page.html.querySelector('[role=alert]')?.textContent.trim() ?? '';
const isSignedIn = async ({ browser }: { browser: Browser }): Promise<boolean> =>
  (await browser.open(server.url('/account'))).url.pathname === '/account';

/** Somebody new at the upstream. */
const known = async (login: string, claims = {}): Promise<UpstreamPerson> => {
  await upstream.person(login, { ...joan, email: `${login}@example.com`, name: login, ...claims });
  return new UpstreamPerson(login);
};

describe('the whole way', () => {
  test('leads from an MCP client through the upstream to consent in the personal organization, and to a token', async () => {
    const person = await known('joan', joan);
    const { url, verifier } = client.authorize();
    const consent = await person.signIn(await person.browser.open(url));
    expect(offeredOrganizations(consent).map(({ label }) => label)).toEqual([expect.stringContaining('Joan Clarke')]);
    const [own] = offeredOrganizations(consent);
    const values = { decision: 'approve', organization_id: own?.id ?? '' };
    const back = clientRedirect(await person.browser.submit(consent, 'button[value=approve]', values));
    const tokens = tokensOf(await client.exchange(back.searchParams.get('code') ?? '', verifier));
    const { json } = await introspect(server, tokens.accessToken);
    expect(json).toMatchObject({ active: true, username: 'joan@example.com', roles: [{ role: 'account-owner' }] });
  });

  test('asks with PKCE, state and nonce, each another one at each sign-in', async () => {
    const person = await known('pkce');
    const [one, other] = [await person.leave(await loginPage(person)), await person.leave(await loginPage(person))];
    for (const name of ['state', 'nonce', 'code_challenge']) {
      expect(one.searchParams.get(name)).toMatch(/^[\w-]{43}$/);
      expect(one.searchParams.get(name)).not.toBe(other.searchParams.get(name));
    }
    expect(one.searchParams.get('code_challenge_method')).toBe('S256');
    expect(one.searchParams.get('redirect_uri')).toBe(`${server.issuer}/login/upstream/callback`);
  });

  test('gives the same account again, whatever its address is by then', async () => {
    const person = await known('renamed');
    const before = await person.signIn(await loginPage(person));
    expect(before.status).toBe(200);
    await upstream.person('renamed', { ...joan, email: 'married@example.com' });
    const again = new UpstreamPerson('renamed');
    await again.signIn(await loginPage(again));
    const profile = await again.browser.open(server.url('/account'));
    expect(profile.html.textContent).toContain('renamed@example.com');
  });

  test('starts a session under a new id, and signing out ends it', async () => {
    const person = await known('session');
    const sessionId = async () =>
      (await person.browser.jar.getCookies(server.issuer)).find(({ key }) => key === 'session');
    const planted = new Person();
    const page = await planted.signIn(await planted.open(server.url('/login')));
    expect(page.status).toBe(200);
    const cookies = await planted.browser.jar.getCookies(server.issuer);
    for (const cookie of cookies) await person.browser.jar.setCookie(cookie, server.issuer);
    const before = (await sessionId())?.value;
    await person.signIn(await person.browser.open(server.url('/login?again=1')));
    expect((await sessionId())?.value).not.toBe(before);
    expect(await isSignedIn(planted)).toBe(false);
    const account = await person.browser.open(server.url('/account'));
    expect(account.html.textContent).toContain('session@example.com');
    await person.browser.submit(account, 'form[action$="/logout"]');
    expect(await isSignedIn(person)).toBe(false);
  });

  test('returns to a page of this server and to no other', async () => {
    const person = await known('returns');
    const open = (returnTo: string) =>
      person.browser.open(server.url(`/login?again=1&return_to=${encodeURIComponent(returnTo)}`));
    expect((await person.signIn(await open('/account'))).url.pathname).toBe('/account');
    for (const elsewhere of ['https://evil.example/', '//evil.example', '/\\evil.example'])
      expect((await person.signIn(await open(elsewhere))).url.href).toBe(server.url('/account/connections'));
  });

  test('is begun by the sign-in page and not by a page of somebody else', async () => {
    const { browser } = await known('lured');
    for (const site of ['cross-site', 'same-site']) {
      const answer = await browser.send(new URL(server.url('/login/upstream')), {
        headers: { 'sec-fetch-site': site },
      });
      expect([answer.status, answer.headers.get('location')]).toEqual([302, '/login']);
    }
  });
});

describe('an answer', () => {
  const expectOver = (page: Page): void => {
    expect(page.status).toBe(400);
    expect(alertOf(page)).toMatch(/used already, or was begun in another browser\. Start again/);
    expect(upstreamLink(page).pathname).toBe('/login/upstream');
  };

  test('is worth nothing a second time', async () => {
    const person = await known('twice');
    const back = await person.answer(await person.leave(await loginPage(person)));
    expect((await person.browser.open(back)).url.pathname).toBe('/account/connections');
    expectOver(await person.browser.open(back));
  });

  test('is worth nothing in another browser, and there does not use up the sign-in', async () => {
    const person = await known('victim');
    const back = await person.answer(await person.leave(await loginPage(person)));
    const attacker = await known('attacker');
    await attacker.leave(await loginPage(attacker));
    expectOver(await attacker.browser.open(back));
    expect(await isSignedIn(attacker)).toBe(false);
    expectOver(await new Browser().open(back));
    expect((await person.browser.open(back)).status).toBe(200);
  });

  test('is worth nothing after a quarter of an hour, without a state, or with one that was made up', async () => {
    const person = await known('slow');
    await person.leave(await loginPage(person));
    const callback = (query: string) => person.browser.open(server.url(`/login/upstream/callback${query}`));
    expectOver(await callback(''));
    expectOver(await callback('?code=a&state=made-up'));
    expectOver(await callback('?code=a&state=a&state=b'));
  });

  test('with the id_token of another sign-in signs nobody in', async () => {
    const person = await known('nonce');
    await upstream.wrongNonce(true);
    const page = await person.signIn(await loginPage(person));
    await upstream.wrongNonce(false);
    expect(page.status).toBe(400);
    expect(alertOf(page)).toMatch(/does not belong to this sign-in/);
    expect(await isSignedIn(person)).toBe(false);
  });

  test.each([
    ['token', 502, /does not accept sign-ins from this server/],
    ['userinfo', 400, /does not belong to this sign-in/],
  ] as const)(
    'of 401 at the %s endpoint signs nobody in, and the page says whose matter it is',
    async (endpoint, status, words) => {
      const person = await known(`refused-at-${endpoint}`);
      await upstream.refuseAt(endpoint);
      const page = await person.signIn(await loginPage(person));
      await upstream.refuseAt();
      expect(page.status).toBe(status);
      expect(alertOf(page)).toMatch(words);
      expect(await isSignedIn(person)).toBe(false);
    },
  );

  test('that names another issuer, or none although the upstream names it always, signs nobody in', async () => {
    for (const change of [
      (url: URL) => url.searchParams.set('iss', 'https://evil.example'),
      (url: URL) => url.searchParams.delete('iss'),
    ]) {
      const person = await known('mixed-up');
      const back = await person.answer(await person.leave(await loginPage(person)));
      change(back);
      const page = await person.browser.open(back);
      expect([page.status, alertOf(page)]).toEqual([400, expect.stringMatching(/does not belong to this sign-in/)]);
    }
  });

  test('that refuses is told in plain words, with the way to try again', async () => {
    const person = await known('cancels');
    const page = await person.browser.open(server.url('/login?return_to=/account'));
    const refused = await person.browser.open(await person.answer(await person.leave(page), 'cancel'));
    expect(refused.status).toBe(403);
    expect(alertOf(refused)).toMatch(/did not let you in, or you stopped\. Try again, or sign in with a password/);
    expect(upstreamLink(refused).searchParams.get('return_to')).toBe('/account');
  });
});

describe('an address', () => {
  const passwordOf = async (email: string, name: string, ...more: string[]): Promise<void> => {
    await directory(server, 'accounts', 'add', '--email', email, '--name', name, ...more);
  };

  test('that the upstream has not verified makes no account and opens none', async () => {
    for (const [login, email, verified] of [
      ['unverified-new', 'unverified@example.com', false],
      ['unverified-linus', 'linus@example.com', false],
      ['silent-linus', 'linus@example.com', undefined],
      ['wordy-linus', 'linus@example.com', 'true'],
    ] as const) {
      const person = await known(login, { email, email_verified: verified });
      const page = await person.signIn(await loginPage(person));
      expect([page.status, alertOf(page)]).toEqual([403, expect.stringMatching(/has not verified your email address/)]);
      expect(await isSignedIn(person)).toBe(false);
    }
    expect(await directory(server, 'accounts', 'list')).not.toContain('unverified@example.com');
  });

  test('that becomes the one of an account only by folding its letters is somebody else’s', async () => {
    await passwordOf('kate@example.com', 'Kate', '--email-verified', '--no-password');
    // The Kelvin sign, of which the small letter is k.
    const person = await known('kelvin', { email: '\u212Aate@example.com' });
    const page = await person.signIn(await loginPage(person));
    expect([page.status, alertOf(page)]).toEqual([403, expect.stringMatching(/gave this server no email address/)]);
    expect(await isSignedIn(person)).toBe(false);
  });

  test('that is missing is asked for', async () => {
    const person = await known('no-address', { email: undefined });
    const page = await person.signIn(await loginPage(person));
    expect([page.status, alertOf(page)]).toEqual([403, expect.stringMatching(/gave this server no email address/)]);
  });

  test('that is verified here and there is the same person, who may still use the password', async () => {
    const person = await known('grace-upstream', { email: 'Grace@Example.com' });
    await person.signIn(await loginPage(person));
    const profile = await person.browser.open(server.url('/account'));
    expect(profile.html.textContent).toContain('grace@example.com');
    expect(await isSignedIn(await signedInPerson(server, 'grace@example.com'))).toBe(true);
  });

  test('of an account that another identity claimed opens nothing, until the operator unlinks it', async () => {
    const first = await known('first', { email: 'shared@example.com' });
    await first.signIn(await loginPage(first));
    const second = await known('second', { email: 'shared@example.com' });
    const refused = await second.signIn(await loginPage(second));
    expect([refused.status, alertOf(refused)]).toEqual([403, expect.stringMatching(/another identity .* unlink/)]);
    expect(await isSignedIn(second)).toBe(false);
    expect(await directory(server, 'accounts', 'unlink', 'shared@example.com')).toMatch(
      /Unlinked .* password, connections and memberships stay; .* remove the account/,
    );
    expect(await isSignedIn(first)).toBe(false);
    await second.signIn(await loginPage(second));
    expect(await isSignedIn(second)).toBe(true);
  });

  test('of the same person with another identity: unlinked, the account keeps its password and connections', async () => {
    const email = 'linus@example.com';
    const before = await known('linus-before', { email });
    await before.signIn(await loginPage(before));
    const tokens = await client.connect({ email, organization: 'Acme Robotics' });
    await directory(server, 'accounts', 'unlink', email);
    expect(await isSignedIn(before)).toBe(false);
    expect((await introspect(server, tokens.accessToken)).json.active).toBe(true);
    expect(await isSignedIn(await signedInPerson(server, email))).toBe(true);
    const after = await known('linus-after', { email });
    await after.signIn(await loginPage(after));
    expect(await isSignedIn(after)).toBe(true);
  });

  test('of an account without a password that nobody verified is the invited person’s', async () => {
    await passwordOf('imported@example.com', 'Imported', '--no-password');
    const person = await known('imported', { name: 'Another name' });
    await person.signIn(await loginPage(person));
    expect(
      (await person.browser.open(server.url('/account'))).html.querySelector('input[name=name]')?.getAttribute('value'),
    ).toBe('Imported');
  });

  test('that somebody registered in the person’s name leaves nothing to whoever did', async () => {
    const squatter = await squatted('squatted@example.com');
    const tokens = await client.connect({ ...squatter, organization: 'Squat' });
    const session = new Person(squatter.email);
    await session.signIn(await session.open(server.url('/login')), squatter.password);
    expect((await introspect(server, tokens.accessToken)).json.active).toBe(true);

    const person = await known('squatted');
    await person.signIn(await loginPage(person));
    expect(await isSignedIn(person)).toBe(true);
    expect(await isSignedIn(session)).toBe(false);
    expect((await introspect(server, tokens.accessToken)).json).toEqual({ active: false });
    expect((await client.refresh(tokens.refreshToken)).json.error).toBe('invalid_grant');
    const again = new Person(squatter.email);
    const page = await again.signIn(await again.open(server.url('/login')), squatter.password);
    expect(page.status).toBe(401);
  });

  /** Invites an address, and accepts in its name with the link that was only shown. */
  const squatted = async (email: string): Promise<{ email: string; password: string }> => {
    const linus = await signedInPerson(server, 'linus@example.com');
    const created = await linus.browser.submit(await linus.open(server.url('/organizations/new')), 'input[name=name]', {
      name: 'Squat',
    });
    const path = created.html
      .querySelector('a[href*="/organizations/org_"]')
      ?.getAttribute('href')
      ?.replace(/(org_[^/]+).*/, '$1');
    const members = await linus.browser.submit(
      await linus.open(server.url(`${path}/members/add`)),
      'input[name=email]',
      { email, 'role:insights': 'on' },
    );
    const link = members.html.querySelector('#invitation-link')?.textContent ?? '';
    const password = 'password of the squatter';
    const browser = new Browser();
    await browser.submit(await browser.open(link), 'input[name=password]', { name: 'Squatter', password });
    return { email, password };
  };
});

test('an invitation leads a new person through the upstream and back to it', async () => {
  const ada = await signedInPerson(server);
  const page = await ada.open(server.url('/account/connections'));
  const acme = page.html
    .querySelectorAll('button[name=organization_id]')
    .find(({ textContent }) => textContent.includes('Acme'));
  const path = `/organizations/${acme?.getAttribute('value')}/members`;
  const email = 'invitee@example.com';
  const members = await ada.browser.submit(await ada.open(server.url(`${path}/add`)), 'input[name=email]', {
    email,
    'role:insights': 'on',
  });
  const person = await known('invitee');
  const invitation = await person.browser.open(members.html.querySelector('#invitation-link')?.textContent ?? '');
  const back = await person.signIn(invitation);
  expect(back.url.pathname).toMatch(/^\/invitations\/[\w-]{43}$/);
  const joined = await person.browser.submit(back, 'form[method=post]');
  expect(joined.html.textContent).toContain('Acme Robotics');
  const log = await auditLog(server, ada, 'Acme Robotics');
  expect(log.map(({ action }) => action)).toEqual(expect.arrayContaining(['invitation.accepted', 'member.added']));
});

describe('a client that wants the person to authenticate anew', () => {
  const withOpenid = { scope: 'openid mcp:read' };

  test('has the upstream ask again, with prompt=login', async () => {
    const person = await known('anew');
    await person.signIn(await loginPage(person));
    const asked = await person.browser.open(client.authorize({ ...withOpenid, prompt: 'login' }).url);
    const url = await person.leave(asked);
    expect(url.searchParams.get('prompt')).toBe('login');
    const consent = await person.browser.open(await person.answer(url));
    expect(offeredOrganizations(consent)).toHaveLength(1);
  });

  test.each([
    ['a sign-in of before', '100000'],
    ['a sign-in of an unknown time', undefined],
  ])('and does not take %s from whoever strips the demand off the address', async (_what, maxAge) => {
    const person = await known('max-age');
    await person.signIn(await loginPage(person));
    await server.advance(60_000);
    const { url } = client.authorize({ ...withOpenid, max_age: '0' });
    const there = await person.leave(await person.browser.open(url));
    expect(Number(there.searchParams.get('max_age'))).toBeLessThan(60);
    there.searchParams.delete('prompt');
    there.searchParams.delete('max_age');
    if (maxAge !== undefined) there.searchParams.set('max_age', maxAge);
    const stale = await person.browser.open(await person.answer(there));
    expect([stale.status, alertOf(stale)]).toEqual([403, expect.stringMatching(/wants you to sign in anew/)]);
  });
});

test('the log of all this holds no code, token, claim or secret', () => {
  const output = server.output();
  expect(output).toMatch(/upstream sign-in refused/);
  expect(output).not.toMatch(/joan|unverified@|secret-of-this|code=|eyJ/);
});

test('while the upstream is down people sign in with passwords, and read what to do', async () => {
  await upstream.kill();
  await server.restart();
  await known('early');
  const ada = new Person();
  const page = await ada.open(upstreamLink(await ada.open(server.url('/login?return_to=/account'))));
  expect(page.status).toBe(503);
  expect(alertOf(page)).toMatch(
    /does not answer at the moment\. Wait a minute and try again, or sign in with a password/,
  );
  const signedIn = await ada.signIn(page);
  expect([signedIn.status, signedIn.url.pathname]).toEqual([200, '/account']);
  await upstream.start();
  const person = new UpstreamPerson('early');
  expect((await person.signIn(await loginPage(person))).status).toBe(200);
});
