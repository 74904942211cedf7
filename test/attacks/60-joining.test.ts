/** Without a mail server an invitation does not tell whether its address has an account, and joining is limited. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ADMIN_CONFIG } from '../support/adminApi.js';
import { organizationPath, signedInPerson } from '../support/audit.js';
import { Browser, type Page } from '../support/browser.js';
import type { Answer } from '../support/client.js';
import { csrfOf, post } from '../support/forms.js';
import { linkIn, type MailServer, startMailServer } from '../support/mailServer.js';
import { describeOnEachStore } from '../support/onEachStore.js';
import type { Person } from '../support/person.js';
import type { TestServer } from '../support/server.js';

const PASSWORD = 'correct horse battery';
const EXISTS = 'ada@example.com';
const RATES = { joiningPerAddress: { events: 3, seconds: 600 }, joiningInAll: { events: 14, seconds: 600 } };

/** A browser behind the proxy, at an address that nothing was counted for yet. */
let addresses = 0;
const newAddress = (): string => `192.0.2.${++addresses}`;
const browserAt = (address = newAddress()): Browser => new Browser({ 'x-forwarded-for': address });

await describeOnEachStore((stores) => {
  let server: TestServer;
  let linus: Person;
  let own: string;
  beforeAll(async () => {
    server = await stores.start({ config: { ...ADMIN_CONFIG, limits: { rates: RATES } }, env: { TRUST_PROXY: '1' } });
    linus = await signedInPerson(server, 'linus@example.com');
    own = await organizationOf(server, linus);
  });
  afterAll(() => server?.stop());

  /** It has no other members, so nothing there tells who has an account. */
  const organizationOf = async (at: TestServer, person: Person): Promise<string> => {
    const name = `Curious ${Math.random()}`;
    await person.browser.submit(await person.open(at.url('/organizations/new')), 'input[name=name]', { name });
    return organizationPath(at, person, name);
  };
  const invite = async (person: Person, members: string, email: string): Promise<Page> =>
    person.browser.submit(await person.open(`${members}/members/add`), 'button.primary', {
      email,
      'role:insights': 'on',
    });
  const linkOn = (page: Page): string => page.html.querySelector('#invitation-link')?.textContent ?? '';
  /** What a page says to a person, with nothing in it that is of this one request. */
  const same = (page: Page, email: string, link: string): string =>
    page.html.textContent
      .replaceAll(email, 'EMAIL')
      .replaceAll(link, 'LINK')
      .replace(/"[\w-]{43}"|value="[^"]*"/g, '')
      .replace(/\s+/g, ' ');
  const elements = (page: Page): string =>
    page.html
      .querySelectorAll('a, button, input, form, [role]')
      .map((one) => `${one.tagName} ${one.getAttribute('class') ?? ''} ${one.getAttribute('name') ?? ''}`)
      .join('\n');

  describe('with and without an account', () => {
    test('the form, the page behind it and the list of the invited are the same', async () => {
      const seen: string[] = [];
      for (const email of [EXISTS, 'no.account@example.com']) {
        const page = await invite(linus, own, email);
        expect(page.status).toBe(200);
        seen.push(`${page.url} ${same(page, email, linkOn(page))}\n${elements(page)}`);
        const again = await invite(linus, own, email);
        seen.push(`${again.status} ${same(again, email, 'none')}`);
        // Withdrawn, so that the other one finds the same list.
        const list = await linus.open(`${own}/members`);
        const href = list.html.querySelector('a[href*="/withdraw"]')?.getAttribute('href') ?? '';
        await linus.browser.submit(await linus.open(new URL(href, list.url)), '.confirmation button.danger');
      }
      expect(seen[2]).toBe(seen[0]);
      expect(seen[3]).toBe(seen[1]);
    });

    test('the link opens the same page, and a form that breaks a rule gets the same answer', async () => {
      const seen: string[] = [];
      for (const email of [EXISTS, 'neither@example.com']) {
        const link = linkOn(await invite(linus, own, email));
        const browser = browserAt();
        const page = await browser.open(link);
        seen.push(`${page.status} ${same(page, email, link)}\n${elements(page)}`);
        for (const values of [
          { name: 'X', password: 'short' },
          { name: ' ', password: PASSWORD },
        ]) {
          const answer = await browser.submit(page, 'button.primary', values);
          expect(answer.status).toBe(400);
          seen.push(same(answer, email, link));
        }
        // A person who is signed in with another account.
        const other = await (await signedInPerson(server, 'grace@example.com')).open(link);
        seen.push(`${other.status} ${same(other, email, link)}`);
      }
      const half = seen.length / 2;
      expect(seen.slice(half)).toEqual(seen.slice(0, half));
    });

    test('what is left of it to try, making an account, says no more than that it did not work', async () => {
      const link = linkOn(await invite(linus, await organizationOf(server, linus), EXISTS));
      const browser = browserAt();
      const answer = await browser.submit(await browser.open(link), 'button.primary', {
        name: 'X',
        password: PASSWORD,
      });
      expect(answer.status).toBe(409);
      expect(answer.html.querySelector('[role=alert]')?.textContent).toContain('This did not work');
      expect(answer.html.textContent).not.toMatch(/has an account already|This address has an account/);
    });

    test('a mailed link says it, to the mailbox alone', async () => {
      const mail: MailServer = await startMailServer();
      const mailing = await stores.start({ env: { SMTP_URL: mail.url } });
      try {
        const person = await signedInPerson(mailing, 'linus@example.com');
        await invite(person, await organizationOf(mailing, person), EXISTS);
        const link = linkIn(await mail.messageTo(`To: ${EXISTS}`));
        expect((await browserAt().open(link)).html.textContent).toContain('This address has an account');
      } finally {
        await mailing.stop();
        await mail.stop();
      }
    });
  });

  describe('joining is limited', () => {
    let number = 0;
    const joinFrom = async (address: string, email = `join${++number}@example.com`, into = own): Promise<Answer> => {
      const link = linkOn(await invite(linus, into, email));
      const browser = browserAt(address);
      const page = await browser.open(link);
      return post(browser, link, { csrf_token: csrfOf(page), name: 'New', password: PASSWORD });
    };

    test('by address, tries with an address that has an account included, then in all', async () => {
      const address = newAddress();
      expect((await joinFrom(address, EXISTS, await organizationOf(server, linus))).status).toBe(409);
      expect((await joinFrom(address)).status).toBe(303);
      expect((await joinFrom(address)).status).toBe(303);
      const refused = await joinFrom(address);
      expect(refused.status).toBe(429);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      // What was refused to one is not taken from the others, until all have used up what there is.
      expect((await joinFrom(newAddress())).status).toBe(303);
      const statuses: number[] = [];
      while (statuses.length <= RATES.joiningInAll.events && !statuses.includes(429))
        statuses.push((await joinFrom(newAddress())).status);
      expect(new Set(statuses.slice(0, -1))).toEqual(new Set([303]));
      expect(statuses.at(-1)).toBe(429);
    });
  });
});
