/** Upstream sign-in below a path, with roles that claims give, and with passwords switched off. */
import { createHmac } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Browser, type Page } from '../support/browser.js';
import { introspect, TestClient, tokensOf } from '../support/client.js';
import { configOfOurOwn } from '../support/demoServer.js';
import { directory } from '../support/directory.js';
import { csrfOf, post } from '../support/forms.js';
import { linkIn, type MailServer, startMailServer } from '../support/mailServer.js';
import { clientRedirect, offeredOrganizations } from '../support/person.js';
import { startServer, type TestServer } from '../support/server.js';
import { startWithUpstream, type TestUpstream, UpstreamPerson, upstreamLink } from '../support/upstream.js';

const COOKIE_KEY = 'cookie-key-of-the-tests-and-nothing-else';
const ACME = 'org_acme';
const VIEWER = { role: 'app-viewer', app: 'storefront' };
const section = {
  name: 'Acme ID',
  mapping: [
    { claim: 'groups', value: 'admins', organizationId: ACME, role: 'account-admin' },
    { claim: 'groups', value: 'staff', organizationId: ACME, ...VIEWER },
  ],
};
const people = {
  accounts: [{ email: 'olive@example.com', name: 'Olive Owner', emailVerified: true }],
  organizations: [{ id: ACME, name: 'Acme', owner: 'olive@example.com' }],
};

let server: TestServer;
let upstream: TestUpstream;
let mail: MailServer;
let folder: string;
beforeAll(async () => {
  mail = await startMailServer();
  folder = await mkdtemp(join(tmpdir(), 'upstream-alone-'));
  const config = {
    ...JSON.parse(await readFile('config/default.json', 'utf8')),
    passwordSignIn: false,
    upstream: section,
  };
  ({ server, upstream } = await startWithUpstream({
    config,
    issuerPath: '/oauth',
    env: { SMTP_URL: mail.url, COOKIE_KEYS: COOKIE_KEY },
  }));
  await writeFile(join(folder, 'people.json'), JSON.stringify(people));
  await directory(server, 'import', join(folder, 'people.json'));
});
afterAll(() => Promise.all([server.stop(), upstream.stop(), mail.stop(), rm(folder, { recursive: true })]));

const loginPage = ({ browser }: UpstreamPerson): Promise<Page> => browser.open(server.url('/login'));
const known = async (login: string, groups: string[] = []): Promise<UpstreamPerson> => {
  await upstream.person(login, { email: `${login}@example.com`, email_verified: true, name: login, groups });
  return new UpstreamPerson(login);
};
const signedIn = async (login: string, groups: string[] = []): Promise<UpstreamPerson> => {
  const person = await known(login, groups);
  await person.signIn(await loginPage(person));
  return person;
};

/** A form token of a browser in which nobody is signed in, though no page shows one. */
const tokenOf = async (browser: Browser): Promise<string> => {
  await browser.open(server.url('/login'));
  const id = (await browser.jar.getCookies(server.issuer)).find(({ key }) => key === 'browser')?.value ?? '';
  return createHmac('sha256', COOKIE_KEY).update(`csrf\0${id}`).digest('base64url');
};

describe('claims', () => {
  test('make a member, change the role, and end membership and connections when they are gone', async () => {
    const client = await TestClient.register(server);
    const person = await signedIn('mapped', ['staff']);
    const { url, verifier } = client.authorize();
    const consent = await person.browser.open(url);
    const acme = offeredOrganizations(consent).find(({ label }) => label.includes('Acme'));
    const values = { decision: 'approve', organization_id: acme?.id ?? '' };
    const back = clientRedirect(await person.browser.submit(consent, 'button[value=approve]', values));
    const { accessToken } = tokensOf(await client.exchange(back.searchParams.get('code') ?? '', verifier));
    const seen = async () => (await introspect(server, accessToken)).json;
    expect(await seen()).toMatchObject({ active: true, org_name: 'Acme', roles: [VIEWER] });
    await signedIn('mapped', ['admins']);
    expect(await seen()).toMatchObject({ active: true, roles: [{ role: 'account-admin' }] });
    await signedIn('mapped', []);
    expect(await seen()).toEqual({ active: false });
    await signedIn('mapped', ['staff']);
    expect(await seen()).toEqual({ active: false });
  });

  test('leave the account owner alone', async () => {
    const olive = await signedIn('olive', ['staff']);
    expect((await olive.browser.open(server.url(`/organizations/${ACME}/settings`))).status).toBe(200);
  });
});

describe('with passwords switched off', () => {
  test('the sign-in page has the button of the upstream and nothing to type', async () => {
    const person = await known('nothing-to-type');
    const page = await loginPage(person);
    expect(page.html.querySelectorAll('form, input')).toEqual([]);
    expect(page.html.textContent).not.toMatch(/password|demo/i);
    expect(page.html.querySelector('a.primary')?.textContent).toBe('Continue with Acme ID');
    expect(upstreamLink(page).pathname).toBe('/oauth/login/upstream');
  });

  test('a posted password is refused, the right one too', async () => {
    const ada = new Browser();
    const fields = { csrf_token: await tokenOf(ada), email: 'ada@example.com', password: 'demo-password' };
    const answer = await post(ada, server.url('/login'), fields);
    expect([answer.status, answer.text]).toEqual([
      403,
      expect.stringContaining('Nobody signs in with a password here'),
    ]);
    expect((await ada.open(server.url('/account'))).url.pathname).toBe('/oauth/login');
  });

  test('nothing sets a password, and the profile says how one signs in', async () => {
    const person = await signedIn('profile');
    const profile = await person.browser.open(server.url('/account'));
    expect(profile.html.querySelectorAll('input[type=password]')).toEqual([]);
    expect(profile.html.textContent).toContain('You sign in with Acme ID');
    const fields = { csrf_token: csrfOf(profile), current_password: '', new_password: 'a new password' };
    expect((await post(person.browser, server.url('/account/password'), fields)).status).toBe(404);
    for (const path of ['/password/forgotten', '/password/reset/x'])
      expect((await person.browser.open(server.url(path))).status).toBe(404);
  });

  test('an invitation is accepted through the upstream, and makes no account with a password', async () => {
    const olive = await signedIn('olive');
    const add = await olive.browser.open(server.url(`/organizations/${ACME}/members/add`));
    await olive.browser.submit(add, 'input[name=email]', { email: 'guest@example.com', 'role:insights': 'on' });
    const guest = await known('guest');
    const invitation = await guest.browser.open(linkIn(mail.messages.at(-1)));
    expect(invitation.html.querySelectorAll('input[type=password]')).toEqual([]);
    const fields = { csrf_token: await tokenOf(guest.browser), name: 'Guest', password: 'a good password' };
    expect((await post(guest.browser, invitation.url, fields)).status).toBe(403);
    expect(await directory(server, 'accounts', 'list')).not.toContain('guest@example.com');
    const joined = await guest.browser.submit(await guest.signIn(invitation), 'form[method=post]');
    expect(joined.url.pathname).toBe('/oauth/invitations/accepted');
  });
});

test('the cookie that binds a sign-in to its browser is kept to the pages of that sign-in', async () => {
  const at = async (address: string, server: TestServer) =>
    (await fetch(server.url(address), { redirect: 'manual' })).headers
      .getSetCookie()
      .filter((line) => line.includes('upstream'));
  const [plain, signature] = await at('/login/upstream', server);
  expect(plain).toMatch(/^upstream=[\w-]{43}; path=\/oauth\/login\/upstream; expires=[^;]+; samesite=lax; httponly$/);
  expect(signature).toMatch(/^upstream\.sig=[\w-]+; path=\/oauth\/login\/upstream;.* httponly$/);

  const env = { UPSTREAM_ISSUER: upstream.issuer, UPSTREAM_CLIENT_ID: 'this-server', UPSTREAM_CLIENT_SECRET: 'any' };
  const secure = await startServer({ issuer: 'https://auth.example.test', config: await configOfOurOwn(), env });
  for (const line of await at('/login/upstream', secure))
    expect(line).toMatch(
      /^__Secure-upstream(\.sig)?=[\w-]+; path=\/login\/upstream; .*samesite=lax; secure; httponly$/,
    );
  await secure.stop();
});
