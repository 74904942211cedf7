/** An account made in another person's name gives nothing to who made it, as soon as the address is that person's. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ADMIN_CONFIG, AdminApi } from '../support/adminApi.js';
import { organizationPath, signedInPerson } from '../support/audit.js';
import { Browser, type Page } from '../support/browser.js';
import { freePort } from '../support/childServer.js';
import { introspect, TestClient } from '../support/client.js';
import { directory } from '../support/directory.js';
import { csrfOf, post } from '../support/forms.js';
import { linkIn, type MailServer, startMailServer } from '../support/mailServer.js';
import { describeOnEachStore } from '../support/onEachStore.js';
import { Person } from '../support/person.js';
import type { TestServer } from '../support/server.js';
import { startUpstream, type TestUpstream, UpstreamPerson, upstreamEnvironment } from '../support/upstream.js';

const ACME = 'Acme Robotics';
const SQUATTERS = 'password of the squatter';
const OPERATORS = 'password of the operator';

interface Squatted {
  readonly email: string;
  readonly browser: Browser;
  readonly accessToken: string;
  readonly refreshToken: string;
  /** The link of an invitation that the squatter made. */
  readonly invitation: string;
}

const linkOn = (page: Page): string => {
  const link = page.html.querySelector('#invitation-link')?.textContent;
  if (!link) throw new Error(`No link on ${page.url} (${page.status}): ${page.html.textContent}`);
  return link;
};

const invite = async (person: { browser: Browser }, members: string, email: string): Promise<Page> =>
  person.browser.submit(await person.browser.open(`${members}/add`), 'button.primary', {
    email,
    'role:insights': 'on',
  });

await describeOnEachStore((stores) => {
  let server: TestServer;
  let mailing: TestServer;
  let mail: MailServer;
  let upstream: TestUpstream;
  let api: AdminApi;
  let client: TestClient;
  let ada: Person;
  let acme: string;
  beforeAll(async () => {
    const issuer = `http://127.0.0.1:${await freePort()}`;
    server = await stores.start({ config: ADMIN_CONFIG, env: upstreamEnvironment(issuer) });
    mail = await startMailServer();
    [upstream, mailing, api, client, ada] = await Promise.all([
      startUpstream(issuer, server),
      stores.start({ env: { SMTP_URL: mail.url } }),
      AdminApi.open(server),
      TestClient.register(server),
      signedInPerson(server),
    ]);
    acme = await organizationPath(server, ada, ACME);
  });
  afterAll(async () => {
    await Promise.all([server?.stop(), mailing?.stop(), upstream?.stop()]);
    await mail?.stop();
  });

  const organizationId = (): string => acme.split('/').at(-1) ?? '';
  const accountOf = async (email: string): Promise<Record<string, unknown>> =>
    (await api.all('/accounts', { email }))[0] ?? {};
  const imported = async (at: TestServer, file: object, ...options: string[]): Promise<string> => {
    const path = join(at.dataDir, '..', 'import.json');
    await writeFile(path, JSON.stringify(file));
    return directory(at, 'import', path, ...options);
  };
  const refusal = (command: Promise<string>): Promise<string> =>
    command.then(
      (said) => `done: ${said}`,
      ({ stderr }: { stderr: string }) => stderr,
    );
  const isSignedIn = async (at: TestServer, browser: Browser): Promise<boolean> =>
    (await browser.open(at.url('/account'))).url.pathname === '/account';
  const signInWith = async (at: TestServer, email: string, password: string): Promise<number> => {
    const person = new Person(email);
    return (await person.signIn(await person.open(at.url('/login')), password)).status;
  };
  const ownOrganization = async (at: TestServer, browser: Browser): Promise<string> => {
    const form = await browser.open(at.url('/organizations/new'));
    const made = await browser.submit(form, 'input[name=name]', { name: 'Squat & Co.' });
    return new URL(made.url).href.replace(/\/settings.*$/, '');
  };

  /** An account in the name of another person: invited, opened, joined and connected by the same attacker. */
  const squat = async (email: string): Promise<Squatted> => {
    const browser = new Browser();
    const link = linkOn(await invite(ada, `${acme}/members`, email));
    await browser.submit(await browser.open(link), 'button.primary', { name: 'Squatter', password: SQUATTERS });
    const { accessToken, refreshToken } = await client.connect({ email, password: SQUATTERS, organization: ACME });
    const own = await ownOrganization(server, browser);
    const invitation = linkOn(await invite({ browser }, `${own}/members`, 'ada@example.com'));
    const squatted = { email, browser, accessToken, refreshToken, invitation };
    expect(await held(squatted)).toEqual(EVERYTHING);
    return squatted;
  };
  const EVERYTHING = { session: true, password: true, connection: true, refresh: true, invitation: true };
  const NOTHING = { session: false, password: false, connection: false, refresh: false, invitation: false };
  /** What the attacker can still do. */
  const held = async ({ email, browser, accessToken, refreshToken, invitation }: Squatted) => ({
    session: await isSignedIn(server, browser),
    password: (await signInWith(server, email, SQUATTERS)) === 200,
    connection: (await introspect(server, accessToken)).json.active,
    refresh: (await client.refresh(refreshToken)).status === 200,
    invitation: (await new Browser().open(invitation)).status === 200,
  });

  describe('nothing of the squatter’s works after', () => {
    const said = { emailVerified: true, name: 'Rightful' };
    const ways: [string, string | undefined, (email: string) => Promise<unknown>][] = [
      [
        'an import that says verified, with a password',
        OPERATORS,
        (email) => imported(server, { accounts: [{ email, ...said, password: OPERATORS }] }),
      ],
      [
        'an import that says verified, without a password',
        undefined,
        (email) => imported(server, { accounts: [{ email, ...said }] }),
      ],
      [
        'PUT /accounts with verified and a password',
        OPERATORS,
        async (email) => api.put(`/accounts/${(await accountOf(email)).id}`, { email, ...said, password: OPERATORS }),
      ],
      [
        'PUT /accounts with verified',
        undefined,
        async (email) => api.put(`/accounts/${(await accountOf(email)).id}`, { email, ...said }),
      ],
      [
        'PUT /accounts with a password alone',
        OPERATORS,
        async (email) =>
          api.put(`/accounts/${(await accountOf(email)).id}`, { email, name: 'Rightful', password: OPERATORS }),
      ],
      [
        'accounts set-password',
        OPERATORS,
        (email) => directory(server, { input: OPERATORS }, 'accounts', 'set-password', email, '--password-stdin'),
      ],
      [
        'the first sign-in with the identity provider',
        undefined,
        async (email) => {
          const login = email.split('@')[0] ?? '';
          await upstream.person(login, { email, email_verified: true, name: 'Rightful' });
          const person = new UpstreamPerson(login);
          await person.signIn(await person.browser.open(server.url('/login')));
          expect(await isSignedIn(server, person.browser)).toBe(true);
        },
      ],
    ];

    test.each(ways)('%s', async (what, password, happens) => {
      const email = `victim${ways.findIndex(([name]) => name === what)}@example.com`;
      const squatted = await squat(email);
      await happens(email);
      expect(await held(squatted)).toEqual(NOTHING);
      if (password !== undefined) expect(await signInWith(server, email, password)).toBe(200);
    });

    test('the same repeated: what the person has made of it since stays', async () => {
      const email = 'repeated@example.com';
      await squat(email);
      const file = { accounts: [{ email, ...said, password: OPERATORS }] };
      await imported(server, file);
      const { accessToken } = await client.connect({ email, password: OPERATORS, organization: ACME });
      expect(await imported(server, file)).toContain('accounts: 0 added, 0 changed, 1 unchanged');
      expect((await introspect(server, accessToken)).json.active).toBe(true);
      const { id } = await accountOf(email);
      await api.put(`/accounts/${id}`, { email, ...said, password: OPERATORS });
      expect((await introspect(server, accessToken)).json.active).toBe(true);
    });
  });

  describe('the mail server shows whose the address is', () => {
    const unverified = async (email: string): Promise<Browser> => {
      await imported(mailing, { accounts: [{ email, name: 'Squatter', password: SQUATTERS }] });
      const person = new Person(email);
      await person.signIn(await person.open(mailing.url('/login')), SQUATTERS);
      expect(await isSignedIn(mailing, person.browser)).toBe(true);
      return person.browser;
    };

    test('to who sets a new password by a mailed link', async () => {
      const email = 'reset@example.com';
      const squatter = await unverified(email);
      const own = await ownOrganization(mailing, squatter);
      await invite({ browser: squatter }, `${own}/members`, 'invited.by.squatter@example.com');
      const invitation = linkIn(await mail.messageTo('invited.by.squatter@example.com'));
      const browser = new Browser();
      const asked = await browser.open(mailing.url('/password/forgotten'));
      await browser.submit(asked, 'input[name=email]', { email });
      const link = linkIn(await mail.messageTo(`To: ${email}`));
      await browser.submit(await browser.open(link), 'input[name=new_password]', { new_password: OPERATORS });
      expect(await signInWith(mailing, email, SQUATTERS)).toBe(401);
      expect(await signInWith(mailing, email, OPERATORS)).toBe(200);
      expect(await isSignedIn(mailing, squatter)).toBe(false);
      expect((await new Browser().open(invitation)).status).toBe(404);
    });

    test('to who accepts a mailed invitation with the account: other browsers and the password are out', async () => {
      const email = 'mailed@example.com';
      const squatter = await unverified(email);
      const own = await ownOrganization(mailing, squatter);
      await invite({ browser: squatter }, `${own}/members`, 'invited.by.mailed@example.com');
      const theirs = linkIn(await mail.messageTo('invited.by.mailed@example.com'));
      const person = new Person(email);
      await person.signIn(await person.open(mailing.url('/login')), SQUATTERS);
      const admin = await signedInPerson(mailing);
      await invite(admin, `${await organizationPath(mailing, admin, ACME)}/members`, email);
      const link = linkIn(await mail.messageTo(`To: ${email}`));
      const joined = await person.browser.submit(await person.open(link), 'button.primary');
      expect(joined.html.textContent).toContain('You are a member now');
      expect(joined.html.textContent).toContain('Set a new password');
      expect(await isSignedIn(mailing, person.browser)).toBe(true);
      expect(await isSignedIn(mailing, squatter)).toBe(false);
      expect(await signInWith(mailing, email, SQUATTERS)).toBe(401);
      expect((await new Browser().open(theirs)).status).toBe(404);
    });
  });

  describe('a role for an account of an unverified address', () => {
    const roles = [{ role: 'insights' as const }];
    const rolesAt = async (id: unknown): Promise<unknown> =>
      (await api.get(`/organizations/${organizationId()}/members/${id}`)).json.roles;
    /** Made by the operator's backend, which says nothing of its address. */
    const made = async (id: string): Promise<string> => {
      const email = `${id}@example.com`;
      expect((await api.put(`/accounts/${id}`, { email, name: 'Unverified' })).status).toBe(201);
      return email;
    };
    const named = (id: string, email: string) =>
      new RegExp(`${email.replace('.', '\\.')} of the account ${id} is unverified`);

    test('is refused by an import, which names it and writes nothing, and given when it is accepted', async () => {
      const email = await made('role-import');
      const file = {
        accounts: [{ email: 'brand.new@example.com', name: 'New' }],
        organizations: [{ name: 'Role import', owner: email }],
        members: [
          { organization: ACME, account: email, roles },
          { organization: ACME, account: 'brand.new@example.com', roles },
        ],
      };
      const refused = await refusal(imported(server, file));
      expect(refused).toMatch(named('role-import', email));
      expect(refused).toContain('brand.new@example.com');
      expect(refused.match(/is unverified/g)).toHaveLength(3);
      expect(await accountOf('brand.new@example.com')).toEqual({});
      expect(await imported(server, file, '--accept-unverified')).toContain('members: 2 added');
      expect(await rolesAt('role-import')).toEqual(roles);
      // The same again gives nothing.
      expect(await imported(server, { members: file.members })).toContain('members: 0 added, 0 changed, 2 unchanged');
      const verified = { ...file, accounts: [{ email: 'verified@example.com', name: 'V', emailVerified: true }] };
      expect(
        await imported(server, {
          accounts: verified.accounts,
          members: [{ organization: ACME, account: 'verified@example.com', roles }],
        }),
      ).toContain('members: 1 added');
    });

    test('is refused where an organization of that name was made by who held its owner’s account', async () => {
      const squatted = await squat('owner@example.com');
      const file = {
        accounts: [{ email: squatted.email, name: 'Owner', emailVerified: true }],
        organizations: [{ name: 'Squat & Co.', owner: squatted.email }],
      };
      expect(await refusal(imported(server, file))).toContain('was made here while that address was unverified');
      expect(await held(squatted)).toEqual(EVERYTHING);
      expect(await imported(server, file, '--accept-unverified')).toContain('1 changed');
      expect(await held(squatted)).toEqual(NOTHING);
    });

    test('is refused by the Admin API, for members and owners, and given when it is accepted', async () => {
      const email = await made('role-api');
      const member = `/organizations/${organizationId()}/members/role-api`;
      const refused = await api.put(member, { roles });
      expect(refused.status).toBe(409);
      expect(refused.text).toMatch(named('role-api', email));
      expect((await api.put('/organizations/role-api-owned', { name: 'X', ownerId: 'role-api' })).status).toBe(409);
      expect((await api.get('/organizations/role-api-owned')).status).toBe(404);

      expect((await api.put(member, { roles, acceptUnverified: true })).json).toMatchObject({
        roles,
        emailVerified: false,
      });
      const owned = { name: 'X', ownerId: 'role-api', acceptUnverified: true };
      expect((await api.put('/organizations/role-api-owned', owned)).status).toBe(201);
      // The same again gives nothing; another role does.
      expect((await api.put(member, { roles })).status).toBe(200);
      expect((await api.put(member, { roles: [{ role: 'account-admin' }] })).status).toBe(409);
      expect(await rolesAt('role-api')).toEqual(roles);
      await api.put('/accounts/role-api', { email, name: 'Verified', emailVerified: true });
      expect((await api.put(member, { roles: [{ role: 'account-admin' }] })).json).toMatchObject({
        emailVerified: true,
      });
    });

    test('is refused at the command line, for members and owners, and given when it is accepted', async () => {
      const email = await made('role-cli');
      const add = ['members', 'add', ACME, email, '--role', 'insights'];
      const own = ['organizations', 'add', '--name', 'Owned', '--owner', email];
      expect(await refusal(directory(server, ...add))).toMatch(named('role-cli', email));
      expect(await refusal(directory(server, ...own))).toMatch(named('role-cli', email));
      expect(await directory(server, ...add, '--accept-unverified')).toContain('Added role-cli@example.com');
      expect(await directory(server, ...own, '--accept-unverified')).toContain('Added organization "Owned"');
      const roles = ['members', 'set-roles', ACME, email, '--role', 'account-admin'];
      expect(await refusal(directory(server, ...roles))).toMatch(named('role-cli', email));
      expect(await directory(server, ...roles, '--accept-unverified')).toContain('is now Account Admin');
    });

    test('shows as unverified on the members page, at the command line and in the Admin API', async () => {
      const email = await made('shown');
      await directory(server, 'members', 'add', ACME, email, '--role', 'insights', '--accept-unverified');
      const row = (page: Page) =>
        page.html.querySelectorAll('tbody tr').find(({ textContent }) => textContent.includes(email))?.textContent;
      expect(row(await ada.open(`${acme}/members`))).toContain('unverified');
      expect((await ada.open(`${acme}/members/shown/roles`)).html.textContent).toContain('unverified');
      const line = async (...command: string[]) =>
        (await directory(server, ...command)).split('\n').find((one) => one.includes(email));
      expect(await line('members', 'list', ACME)).toContain('unverified');
      expect(await line('accounts', 'list')).toContain('unverified');
      expect((await api.get(`/organizations/${organizationId()}/members/shown`)).json.emailVerified).toBe(false);
      await api.put('/accounts/shown', { email, name: 'Shown', emailVerified: true });
      expect(row(await ada.open(`${acme}/members`))).not.toContain('unverified');
      expect(await line('members', 'list', ACME)).not.toContain('unverified');
    });

    test('ends with its sign-in at the identity provider what a squatter held, roles that were accepted or not', async () => {
      const squatted = await squat('accepted@example.com');
      const { id } = await accountOf(squatted.email);
      const path = `/organizations/${organizationId()}/members/${id}`;
      const roles = [{ role: 'account-admin' }];
      expect((await api.put(path, { roles })).status).toBe(409);
      expect((await api.put(path, { roles, acceptUnverified: true })).status).toBe(200);
      await upstream.person('accepted', { email: squatted.email, email_verified: true, name: 'Rightful' });
      const person = new UpstreamPerson('accepted');
      await person.signIn(await person.browser.open(server.url('/login')));
      expect(await isSignedIn(server, person.browser)).toBe(true);
      expect(await held(squatted)).toEqual(NOTHING);
    });
  });

  test('the file’s password is not ignored without a word', async () => {
    const email = 'kept@example.com';
    await imported(server, { accounts: [{ email, name: 'Kept', password: SQUATTERS }] });
    const file = { accounts: [{ email, name: 'Kept', password: OPERATORS }] };
    expect(await imported(server, file)).toContain(`The file has another password for ${email}`);
    expect(await signInWith(server, email, SQUATTERS)).toBe(200);
    const same = { accounts: [{ email, name: 'Kept', password: SQUATTERS }] };
    expect(await imported(server, same)).not.toContain('another password');
  });

  describe('an invitation whose link its inviter sees', () => {
    test('makes no account when the inviter’s own address is unverified', async () => {
      const squatted = await squat('inviter@example.com');
      const own = await ownOrganization(server, squatted.browser);
      const link = linkOn(await invite(squatted, `${own}/members`, 'foreign@example.com'));
      const browser = new Browser();
      const page = await browser.open(link);
      expect(page.html.querySelector('input[name=password]')).toBeNull();
      const fields = { csrf_token: csrfOf(page), name: 'Eve', password: SQUATTERS };
      expect((await post(browser, link, fields)).status).toBe(403);
      expect(await accountOf('foreign@example.com')).toEqual({});

      // With an account that exists it is accepted.
      const grace = await signedInPerson(server, 'grace@example.com');
      const hers = linkOn(await invite(squatted, `${own}/members`, grace.email));
      const joined = await grace.browser.submit(await grace.open(hers), 'button.primary');
      expect(joined.html.textContent).toContain('You are a member now');
    });

    test('makes an account when the inviter’s address is verified', async () => {
      const link = linkOn(await invite(ada, `${acme}/members`, 'welcome@example.com'));
      const browser = new Browser();
      await browser.submit(await browser.open(link), 'button.primary', { name: 'New', password: OPERATORS });
      expect(await accountOf('welcome@example.com')).toMatchObject({ emailVerified: false });
    });
  });
});
