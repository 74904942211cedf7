import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Browser } from '../support/browser.js';
import { directory } from '../support/directory.js';
import type { Person } from '../support/person.js';
import { startServer, type TestServer } from '../support/server.js';
import { signedIn } from './organizationVisit.js';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server?.stop());

type Page = Awaited<ReturnType<Person['open']>>;

const currentOf = (page: Page) => page.html.querySelector('.account-organization')?.textContent;
const idOf = (page: Page, name: string) =>
  page.html
    .querySelectorAll('button[name=organization_id]')
    .find((button) => button.textContent.includes(name))
    ?.getAttribute('value') ?? '';
const switchTo = (person: Person, page: Page, organization_id: string, values = {}) =>
  person.browser.submit(page, '.account-menu form', { organization_id, ...values });

test('the address /logout signs nobody out, and tells nobody that it did', async () => {
  const ada = await signedIn(server, 'ada@example.com');
  expect((await ada.open(server.url('/logout'))).url.pathname).toBe('/account/connections');
  const left = await ada.browser.submit(await ada.open(server.url('/account')), 'form[action="/logout"]');
  expect([left.url.pathname, left.html.textContent]).toEqual([
    '/logout',
    expect.stringContaining('You are signed out'),
  ]);
  expect((await ada.open(server.url('/account'))).url.pathname).toBe('/login');
});

describe('the current organization', () => {
  test('is the personal one until another is chosen, also after signing in again', async () => {
    const ada = await signedIn(server, 'ada@example.com');
    const page = await ada.open(server.url('/account'));
    expect(currentOf(page)).toBe('Ada Lovelace (personal)');
    const after = await switchTo(ada, page, idOf(page, 'Beacon Labs'));
    expect([after.url.pathname, currentOf(after)]).toEqual(['/account', 'Beacon Labs']);
    await ada.browser.submit(after, 'form[action="/logout"]');
    const again = await ada.signIn(await ada.open(server.url('/login')));
    expect(currentOf(again)).toBe('Beacon Labs');
  });

  test('is none that one does not belong to', async () => {
    const grace = await signedIn(server, 'grace@example.com');
    const linus = await signedIn(server, 'linus@example.com');
    const circuit = idOf(await linus.open(server.url('/account')), 'Closed Circuit');
    const page = await grace.open(server.url('/account'));
    expect(idOf(page, 'Closed Circuit')).toBe('');
    expect((await switchTo(grace, page, circuit)).status).toBe(404);
    expect(currentOf(await grace.open(server.url('/account')))).toBe('Grace Hopper (personal)');
  });

  test('is the personal one again when the membership ends', async () => {
    const linus = await signedIn(server, 'linus@example.com');
    const page = await linus.open(server.url('/account'));
    await switchTo(linus, page, idOf(page, 'Acme Robotics'));
    await directory(server, 'members', 'remove', 'Acme Robotics', 'linus@example.com');
    const after = await linus.open(server.url('/account'));
    expect(currentOf(after)).toBe('Linus Torvalds (personal)');
    expect(idOf(after, 'Acme Robotics')).toBe('');
  });

  test('is that of the page, and switching shows the same page of the other', async () => {
    const ada = await signedIn(server, 'ada@example.com');
    const home = await ada.open(server.url('/account'));
    const [acme, beacon] = [idOf(home, 'Acme Robotics'), idOf(home, 'Beacon Labs')];
    const members = await ada.open(server.url(`/organizations/${acme}/members`));
    expect(currentOf(members)).toBe('Acme Robotics');
    expect(currentOf(await ada.open(server.url('/account')))).toBe('Acme Robotics');
    const own = await switchTo(ada, members, idOf(members, 'Ada Lovelace'));
    expect(own.url.pathname).toBe(`/organizations/${idOf(own, 'Ada Lovelace')}/members`);
    expect((await switchTo(ada, own, beacon)).url.pathname).toBe('/account/connections');
  });

  test('leads back to pages of this server only', async () => {
    const ada = await signedIn(server, 'ada@example.com');
    const page = await ada.open(server.url('/account'));
    for (const return_to of ['https://evil.test/', '//evil.test', '/\\evil.test']) {
      const after = await switchTo(ada, page, idOf(page, 'Acme Robotics'), { return_to });
      expect([after.leftFor, after.url.pathname]).toEqual([undefined, '/account/connections']);
    }
  });
});

test('are there on pages that refuse something, so that there is a way on', async () => {
  const linus = await signedIn(server, 'linus@example.com');
  const refused = await linus.open(server.url('/organizations/org_none/settings'));
  expect([refused.status, currentOf(refused)]).toEqual([404, 'Linus Torvalds (personal)']);
  expect(refused.html.textContent).toContain('Choose one of your organizations in the account menu.');
  const circuit = idOf(refused, 'Closed Circuit');
  const after = await switchTo(linus, refused, circuit);
  expect([after.status, after.url.pathname]).toEqual([200, `/organizations/${circuit}/settings`]);
  expect((await linus.open(server.url('/nothing/here'))).html.querySelector('.profile-menu')).not.toBeNull();
  const stranger = await new Browser().open(server.url('/nothing/here'));
  expect(stranger.html.querySelector('.profile-menu')).toBeNull();
});

test('menu entries for billing and support appear with their addresses', async () => {
  const plain = await (await signedIn(server, 'ada@example.com')).open(server.url('/account'));
  expect(plain.html.textContent).not.toContain('Billing');
  expect(plain.html.textContent).not.toContain('Support');
});
