/** A form sent twice, by two clicks or by a browser that tries again, does once what it says and answers the same. */
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { organizationPath, signedInPerson } from '../support/audit.js';
import { Browser, type Page } from '../support/browser.js';
import { type Answer, TestClient } from '../support/client.js';
import { post } from '../support/forms.js';
import { describeOnEachStore } from '../support/onEachStore.js';
import { DEMO_PASSWORD, Person } from '../support/person.js';
import type { TestServer } from '../support/server.js';

// It waits for other processes, on machines that may have other things to do.
jest.setTimeout(120_000);

/** What a form of a page would send, with what the person typed. */
const fieldsOf = (page: Page, selector: string, values: Record<string, string>): [URL, Record<string, string>] => {
  const found = page.html.querySelector(selector);
  const form = found?.tagName === 'FORM' ? found : found?.closest('form');
  if (!form) throw new Error(`no form for ${selector} at ${page.url} (${page.status})`);
  const hidden = form
    .querySelectorAll('input[type=hidden][name]')
    .map((input) => [input.getAttribute('name') ?? '', input.getAttribute('value') ?? '']);
  return [new URL(form.getAttribute('action') ?? '', page.url), { ...Object.fromEntries(hidden), ...values }];
};

/** Sends a form several times: by the cookies of one moment, the first time alone, then together. */
const sendings = async (person: { browser: Browser }, page: Page, selector: string, values = {}): Promise<Answer[]> => {
  const [url, fields] = fieldsOf(page, selector, values);
  const cookie = await person.browser.jar.getCookieString(url.href);
  const send = () => post(new Browser({ cookie }), url, fields);
  const together = await Promise.all([send(), send(), send()]);
  return [...together, await send()];
};

/** All were answered alike, with the cookies of the one that did it. */
const areOne = (answers: Answer[]): string => {
  const seen = answers.map(({ status, headers }) => `${status} ${headers.get('location')} ${headers.getSetCookie()}`);
  expect(new Set(seen).size).toBe(1);
  expect(answers[0]?.status).toBe(303);
  return answers[0]?.headers.get('location') ?? '';
};

await describeOnEachStore((stores) => {
  let server: TestServer;
  let ada: Person;
  beforeAll(async () => {
    server = await stores.start();
    ada = await signedInPerson(server);
  });
  afterAll(() => server?.stop());

  test('"Create organization" makes one', async () => {
    const page = await ada.open(server.url('/organizations/new'));
    const led = areOne(await sendings(ada, page, 'main input[name=name]', { name: 'Twice Labs' }));
    expect(led).toMatch(/^\/organizations\/org_[\w-]+\/settings$/);
    const { html } = await ada.open(server.url('/account/connections'));
    const named = html
      .querySelectorAll('[name=organization_id]')
      .filter((one) => one.textContent.includes('Twice Labs'));
    expect(named).toHaveLength(1);
    // Another rendering is another form: whoever wants two of a name gets them.
    const next = await ada.open(server.url('/organizations/new'));
    expect(areOne(await sendings(ada, next, 'main input[name=name]', { name: 'Twice Labs' }))).not.toBe(led);
  });

  test('what was refused is looked at each time, and can be corrected', async () => {
    const page = await ada.open(server.url('/organizations/new'));
    const refused = await sendings(ada, page, 'main input[name=name]', { name: ' ' });
    expect(refused.map(({ status }) => status)).toEqual([400, 400, 400, 400]);
    areOne(await sendings(ada, page, 'main input[name=name]', { name: 'Corrected Labs' }));
  });

  test('an invitation is made once, and each sending has its link', async () => {
    const path = await organizationPath(server, ada, 'Acme Robotics');
    const page = await ada.open(`${path}/members/add`);
    const values = { email: 'twice@example.com', 'role:account-admin': 'on' };
    expect(areOne(await sendings(ada, page, 'main input[name=email]', values))).toContain('/members?done=link');
    const { html } = await ada.open(`${path}/members`);
    const resend = html.querySelectorAll('form[action$="/resend"]');
    expect(resend.filter((one) => one.closest('tr')?.textContent.includes('twice@example.com'))).toHaveLength(1);
  });

  test('a connection is removed once, and nothing says that it was not there', async () => {
    await (await TestClient.register(server)).connect();
    const list = await ada.open(server.url('/account/connections'));
    const href = list.html.querySelector('a[href$="/remove"]')?.getAttribute('href') ?? '';
    const page = await ada.open(server.url(href));
    expect(areOne(await sendings(ada, page, 'form[action$="/remove"]'))).toBe('/account/connections?removed');
  });

  test('a new password ends the sessions once, and the browser stays signed in', async () => {
    const grace = await signedInPerson(server, 'grace@example.com');
    const page = await grace.open(server.url('/account'));
    const values = { current_password: DEMO_PASSWORD, new_password: 'another long password' };
    const answers = await sendings(grace, page, 'input[name=new_password]', values);
    expect(areOne(answers)).toBe('/account?done=password');
    for (const line of answers.at(-1)?.headers.getSetCookie() ?? [])
      await grace.browser.jar.setCookie(line, server.url('/'));
    expect((await grace.open(server.url('/account'))).url.pathname).toBe('/account');
  });

  test('signing in and signing out lead to the same place', async () => {
    const linus = new Person('linus@example.com');
    const page = await linus.open(server.url('/login'));
    const values = { email: linus.email, password: DEMO_PASSWORD };
    expect(areOne(await sendings(linus, page, 'input[name=password]', values))).toBe('/account/connections');
    const home = await linus.signIn(page);
    expect(areOne(await sendings(linus, home, 'form[action$="/logout"]'))).toBe('/logout');
  });

  test('another browser does not get the answer, whatever it sends', async () => {
    const page = await ada.open(server.url('/organizations/new'));
    const [url, fields] = fieldsOf(page, 'main input[name=name]', { name: 'Mine Labs' });
    expect((await post(ada.browser, url, fields)).status).toBe(303);
    const other = await signedInPerson(server, 'linus@example.com');
    for (const browser of [other.browser, new Browser()]) {
      const answer = await post(browser, url, fields);
      expect(`${answer.status} ${answer.headers.get('location')}`).toBe('403 null');
    }
  });
});
