/** Inviting members and accepting: the life of a link. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { accountByEmail } from '../../src/accounts/findAccount.js';
import { secretHash } from '../../src/ids.js';
import { invitations } from '../../src/stores/records/invitation.js';
import { members } from '../../src/stores/records/member.js';
import { Browser } from '../support/browser.js';
import { linkIn, type MailServer, startMailServer } from '../support/mailServer.js';
import { Person } from '../support/person.js';
import { startServer, type TestServer } from '../support/server.js';
import { eventsOf, follow, inStore, pathOf, rowWith, signedIn, words } from './organizationVisit.js';

const ACME = 'Acme Robotics';
const DAY = 86_400_000;
const PASSWORD = 'correct horse battery';

let server: TestServer;
let list: URL;
beforeAll(async () => {
  server = await startServer();
  list = new URL(server.url(`${await pathOf(server, ACME)}/members`));
});
afterAll(() => server?.stop());

const insights = { 'role:insights': 'on' };

async function invite(email: string, roles: Record<string, string> = insights, by = 'ada@example.com') {
  const admin = await signedIn(server, by);
  const form = await admin.open(`${list}/add`);
  return { admin, page: await admin.browser.submit(form, 'button.primary', { email, ...roles }) };
}

async function linkFor(email: string, roles?: Record<string, string>): Promise<string> {
  const { page } = await invite(email, roles);
  const link = page.html.querySelector('#invitation-link')?.textContent;
  if (!link) throw new Error(`No link (${page.status}): ${words(page)}`);
  return link;
}

const accountOf = (email: string) => inStore(server, ({ durable }) => accountByEmail(durable, email));
const rolesAtAcme = async (email: string) => {
  const id = (await accountOf(email))?.id ?? '';
  const mine = await inStore(server, ({ durable }) => durable.list(members, 'byAccount', [id]));
  return mine.find(({ organizationId }) => list.pathname.includes(organizationId))?.roles;
};

describe('without a mail server', () => {
  test('the link is shown once to the admin, and the invitation is listed', async () => {
    const { admin, page } = await invite('once@example.com');
    expect(words(page, '[role=status]')).toContain('The invitation is ready');
    const link = page.html.querySelector('#invitation-link')?.textContent ?? '';
    expect(link).toMatch(new RegExp(`^${server.issuer}/invitations/[\\w-]{43}$`));
    const row = rowWith(page, 'once@example.com').textContent;
    expect(row).toContain('PubNub Insights');
    expect(row).toContain('invited by Ada Lovelace');
    expect(row).toContain('7 days left');
    const again = await admin.open(page.url);
    expect(again.html.querySelector('#invitation-link')).toBeNull();
    expect(again.html.querySelector('[role=status]')).toBeNull();
    const token = link.split('/').at(-1) ?? '';
    const stored = await inStore(server, ({ durable }) =>
      durable.list(invitations, 'byToken', [secretHash(token)], { limit: 1 }),
    );
    expect(JSON.stringify(stored)).toContain('once@example.com');
    expect(JSON.stringify(stored) + JSON.stringify(await eventsOf(server, ACME)) + server.output()).not.toContain(
      token,
    );
  });

  test('a new person sets name and password, becomes a member and is signed in; the address stays unverified', async () => {
    const link = await linkFor('new@example.com', { 'scoped-0': 'app-viewer', 'app-0': 'storefront' });
    const browser = new Browser();
    const page = await browser.open(link);
    for (const shown of [ACME, 'App Viewer of app "storefront"', 'Ada Lovelace', 'new@example.com'])
      expect(words(page)).toContain(shown);
    const joined = await browser.submit(page, 'button.primary', { name: 'New Person', password: PASSWORD });
    expect(words(joined, '[role=status]')).toContain('You are a member now');
    expect((await browser.open(server.url('/account/connections'))).url.pathname).toBe('/account/connections');
    expect(await accountOf('new@example.com')).toMatchObject({ name: 'New Person', emailVerified: false });
    expect(await rolesAtAcme('new@example.com')).toEqual([{ role: 'app-viewer', app: 'storefront' }]);
    const events = (await eventsOf(server, ACME)).slice(-2).map(({ action }) => action);
    expect(events.sort()).toEqual(['invitation.accepted', 'member.added']);
    const later = await signedIn(server, 'new@example.com', PASSWORD);
    expect((await later.open(server.url('/account/connections'))).status).toBe(200);
  });

  test.each([
    ['a short password', { name: 'A', password: 'short' }, 'at least 8 characters'],
    ['no name', { name: ' ', password: PASSWORD }, 'Enter a name'],
  ])('%s is refused at its field, and the link still works', async (_what, values, message) => {
    const link = await linkFor(`refused${message.length}@example.com`);
    const browser = new Browser();
    const refused = await browser.submit(await browser.open(link), 'button.primary', values);
    expect(refused.status).toBe(400);
    expect(words(refused, '[role=alert]')).toContain(message);
    const joined = await browser.submit(refused, 'button.primary', { name: 'B', password: PASSWORD });
    expect(words(joined)).toContain('You are a member now');
  });

  test('works once, also when two accept at the same moment', async () => {
    const link = await linkFor('twice@example.com');
    const browsers = [new Browser(), new Browser(), new Browser(), new Browser()];
    const pages = await Promise.all(browsers.map((browser) => browser.open(link)));
    const answers = await Promise.all(
      browsers.map((browser, n) => {
        const page = pages[n];
        if (!page) throw new Error('No page.');
        return browser.submit(page, 'button.primary', { name: `Twice ${n}`, password: PASSWORD });
      }),
    );
    expect(answers.filter((page) => words(page).includes('You are a member now'))).toHaveLength(1);
    for (const page of answers) expect([200, 404]).toContain(page.status);
    expect((await new Browser().open(link)).status).toBe(404);
    const events = await eventsOf(server, ACME);
    const mine = events.filter(
      ({ action, details }) => action === 'invitation.accepted' && details?.email === 'twice@example.com',
    );
    expect(mine).toHaveLength(1);
  });

  test('expires after seven days', async () => {
    const link = await linkFor('late@example.com');
    await server.advance(7 * DAY - 60_000);
    expect((await new Browser().open(link)).status).toBe(200);
    await server.advance(61_000);
    const over = await new Browser().open(link);
    expect(over.status).toBe(404);
    expect(words(over)).toContain('This invitation does not work any more');
    const { page } = await invite('late@example.com');
    expect(words(page, '[role=status]')).toContain('The invitation is ready');
  });

  test('is withdrawn after a confirmation, and the link stops working', async () => {
    const link = await linkFor('withdrawn@example.com');
    const ada = await signedIn(server, 'ada@example.com');
    const asked = await follow(ada, await ada.open(list), 'withdrawn@example.com', 'Withdraw');
    const page = await ada.browser.submit(asked, '.confirmation button.danger');
    expect(words(page, '[role=status]')).toContain('The invitation was withdrawn');
    expect((await new Browser().open(link)).status).toBe(404);
  });

  test('a new link replaces the one before', async () => {
    const link = await linkFor('renewed@example.com');
    const grace = await signedIn(server, 'grace@example.com');
    const page = await grace.open(list);
    const action = rowWith(page, 'renewed@example.com').querySelector('form')?.getAttribute('action');
    const renewed = await grace.browser.submit(page, `form[action="${action}"]`);
    const next = renewed.html.querySelector('#invitation-link')?.textContent ?? '';
    expect(next).not.toBe(link);
    expect((await new Browser().open(link)).status).toBe(404);
    expect(words(await new Browser().open(next))).toContain('Grace Hopper');
  });

  test.each([
    ['somebody who is a member', 'linus@example.com', insights, 409, 'is a member of "Acme Robotics" already'],
    ['something that is no address', 'nobody', insights, 400, 'Enter an email address'],
    ['no roles', 'x@example.com', {}, 400, 'A member needs at least one role'],
    [
      'roles that exclude each other',
      'x@example.com',
      { ...insights, 'role:account-admin': 'on' },
      409,
      'Account Admin and PubNub Insights exclude each other',
    ],
  ] as [string, string, Record<string, string>, number, string][])(
    '%s is refused at the form',
    async (_what, email, roles, status, message) => {
      const { page } = await invite(email, roles);
      expect(page.status).toBe(status);
      expect(words(page, '[role=alert]')).toContain(message);
      expect(page.html.querySelector('#email')?.getAttribute('value')).toBe(email);
    },
  );

  test('somebody who is invited already is not invited twice', async () => {
    await linkFor('again@example.com');
    const { page } = await invite('Again@Example.com');
    expect(page.status).toBe(409);
    expect(words(page, '[role=alert]')).toContain('again@example.com is invited already');
  });

  test('nobody can be invited into a personal organization', async () => {
    const personal = await pathOf(server, 'Ada Lovelace (personal)');
    const ada = await signedIn(server, 'ada@example.com');
    expect(words(await ada.open(server.url(`${personal}/members`)))).toContain('This is a personal organization');
    const form = await ada.open(`${list}/add`);
    form.html.querySelector('form[action$="/members/add"]')?.setAttribute('action', `${personal}/members/add`);
    const refused = await ada.browser.submit(form, 'button.primary', { email: 'x@example.com', ...insights });
    expect(refused.status).toBe(403);
    expect(words(refused)).toContain('personal organization');
    expect((await ada.open(server.url(`${personal}/members/add`))).status).toBe(403);
  });
});

describe('an account that exists', () => {
  const BEACON = 'Beacon Labs';
  const linkAtBeacon = async (email: string) => {
    const grace = await signedIn(server, 'grace@example.com');
    const form = await grace.open(server.url(`${await pathOf(server, BEACON)}/members/add`));
    const page = await grace.browser.submit(form, 'button.primary', { email, ...insights });
    return page.html.querySelector('#invitation-link')?.textContent ?? '';
  };

  test('signs in with the invited address and accepts; any other account is refused with words', async () => {
    const link = await linkAtBeacon('linus@example.com');
    const ada = await signedIn(server, 'ada@example.com');
    const wrong = await ada.open(link);
    expect(wrong.status).toBe(403);
    expect(words(wrong)).toContain(
      'This invitation is for linus@example.com, and you are signed in as ada@example.com',
    );

    const own = await ada.open(server.url('/account/connections'));
    own.html.querySelector('form[action$="/logout"]')?.setAttribute('action', link);
    const forced = await ada.browser.submit(own, `form[action="${link}"]`, { name: 'Eve', password: PASSWORD });
    expect(forced.status).toBe(403);
    expect((await eventsOf(server, BEACON)).at(-1)).toMatchObject({
      action: 'invitation.refused',
      details: { email: 'linus@example.com' },
    });

    const signedOut = await ada.browser.submit(wrong, 'form[action$="/switch-account"]');
    expect(words(signedOut)).toContain('If linus@example.com has an account here, sign in with it to accept.');
    const linus = new Person('linus@example.com');
    const href = (await linus.open(link)).html.querySelector('a.wide[href*="/login"]')?.getAttribute('href') ?? '';
    const page = await linus.signIn(await linus.open(new URL(href, link)));
    expect(page.url.href).toBe(link);
    const joined = await linus.browser.submit(page, 'button.primary');
    expect(words(joined, '[role=status]')).toContain('You are a member now');
    expect((await linus.open(link)).status).toBe(404);
  });

  test('cannot be made a second time through the link', async () => {
    const link = await linkFor('made@example.com');
    const browser = new Browser();
    const page = await browser.open(link);
    const second = await linkAtBeacon('made@example.com');
    const other = new Browser();
    await other.submit(await other.open(second), 'button.primary', { name: 'Made', password: PASSWORD });
    const refused = await browser.submit(page, 'button.primary', { name: 'Other', password: 'another password' });
    expect(refused.status).toBe(409);
    expect(words(refused)).toContain('If you have an account with this address, sign in with it');
    expect(await accountOf('made@example.com')).toMatchObject({ name: 'Made' });
  });
});

test('a link that never was is answered like one that is over', async () => {
  const page = await new Browser().open(server.url(`/invitations/${'x'.repeat(43)}`));
  expect(page.status).toBe(404);
  expect(words(page)).toContain('This invitation does not work any more');
});

describe('with a mail server', () => {
  let mail: MailServer;
  let mailing: TestServer;
  let address: string;
  beforeAll(async () => {
    mail = await startMailServer();
    mailing = await startServer({ env: { SMTP_URL: mail.url } });
    address = mailing.url(`${await pathOf(mailing, ACME)}/members`);
  });
  afterAll(async () => {
    await mailing?.stop();
    await mail?.stop();
  });
  const inviteByMail = async (email: string) => {
    const ada = await signedIn(mailing, 'ada@example.com');
    return ada.browser.submit(await ada.open(`${address}/add`), 'button.primary', { email, ...insights });
  };

  test('the link goes to the address, and the admin does not see it', async () => {
    const page = await inviteByMail('mailed@example.com');
    expect(words(page, '[role=status]')).toContain('The invitation was sent');
    expect(page.html.querySelector('#invitation-link')).toBeNull();
    const [message = ''] = mail.messages;
    expect(message).toContain('To: mailed@example.com');
    expect(message).toContain('From: login@auth.test');
    expect(message).toContain('Subject: Invitation to an organization');
    expect(message).toContain('> Organization: Acme Robotics');
    expect(message).toContain('> Invited by: Ada Lovelace');
    expect(message).toContain('PubNub Insights');
    expect(page.html.toString()).not.toContain(linkIn(message));
  });

  test('following it verifies the address of a new account', async () => {
    const browser = new Browser();
    const page = await browser.open(linkIn(mail.messages[0]));
    const joined = await browser.submit(page, 'button.primary', { name: 'Mailed', password: PASSWORD });
    expect(words(joined, '[role=status]')).toContain('You are a member now');
    const account = await inStore(mailing, ({ durable }) => accountByEmail(durable, 'mailed@example.com'));
    expect(account).toMatchObject({ emailVerified: true });
  });

  test('when the mail server does not take it, the admin reads that, and sends it again', async () => {
    mail.refuse(true);
    const page = await inviteByMail('unlucky@example.com');
    expect(words(page, '[role=status]')).toContain('the mail server did not take the message');
    mail.refuse(false);
    const ada = await signedIn(mailing, 'ada@example.com');
    const action = rowWith(await ada.open(address), 'unlucky@example.com')
      .querySelector('form')
      ?.getAttribute('action');
    const again = await ada.browser.submit(await ada.open(address), `form[action="${action}"]`);
    expect(words(again, '[role=status]')).toContain('The invitation was sent');
    expect((await new Browser().open(linkIn(mail.messages.at(-1)))).status).toBe(200);
  });
});
