/** An approval that the person did not give: forged, replayed, from elsewhere. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Browser, type Page } from '../support/browser.js';
import { type Answer, answerOf, TestClient } from '../support/client.js';
import { csrfOf, post } from '../support/forms.js';
import { clientRedirect, offeredOrganizations, Person } from '../support/person.js';
import { startServer, type TestServer } from '../support/server.js';

let server: TestServer;
let client: TestClient;
let ada: Person;
let consent: Page;
let approval: Record<string, string>;
beforeAll(async () => {
  server = await startServer();
  client = await TestClient.register(server);
  ada = new Person();
});
beforeEach(async () => {
  consent = await ada.openConsent(client.authorize().url);
  const organization = offeredOrganizations(consent).find(({ label }) => label.includes('Acme Robotics'));
  approval = { csrf_token: csrfOf(consent), organization_id: organization?.id ?? '', decision: 'approve' };
});
afterAll(() => server?.stop());

const gaveNothing = ({ status, headers, text }: Answer): void => {
  expect(status).toBe(403);
  expect(headers.get('location')).toBeNull();
  expect(text).not.toContain('code=');
};

describe('An approval is refused with 403', () => {
  test.each([
    ['without a token', undefined],
    ['with an empty token', ''],
    ['with a token that somebody made up', 'A'.repeat(43)],
    ['with a token of another length', 'A'],
  ])('%s', async (_what, csrf_token) => {
    const { csrf_token: _, ...rest } = approval;
    gaveNothing(await post(ada.browser, consent.url, { ...rest, ...(csrf_token === undefined ? {} : { csrf_token }) }));
  });

  test('with the token of another session', async () => {
    const attacker = new Person('linus@example.com');
    const theirs = csrfOf(await attacker.openConsent(client.authorize().url));
    expect(theirs).not.toBe(approval.csrf_token);
    gaveNothing(await post(ada.browser, consent.url, { ...approval, csrf_token: theirs }));
  });

  test('with the token of the same person in another browser', async () => {
    const elsewhere = csrfOf(await new Person().openConsent(client.authorize().url));
    gaveNothing(await post(ada.browser, consent.url, { ...approval, csrf_token: elsewhere }));
  });

  test('with the token of before the sign-in', async () => {
    const browser = new Browser();
    const before = csrfOf(await browser.open(client.authorize().url));
    const page = await browser.open(client.authorize().url);
    const signedIn = await browser.submit(page, 'input[name=password]', {
      email: 'ada@example.com',
      password: 'demo-password',
    });
    gaveNothing(await post(browser, signedIn.url, { ...approval, csrf_token: before }));
  });

  test.each(['cross-site', 'same-site'])('posted from a page that is %s', async (site) => {
    gaveNothing(await post(ada.browser, consent.url, approval, { 'sec-fetch-site': site }));
  });

  test('posted a second time', async () => {
    const first = await post(ada.browser, consent.url, approval);
    expect(first.status).toBe(303);
    gaveNothing(await post(ada.browser, consent.url, approval));
  });

  test('posted again after the client has its code', async () => {
    clientRedirect(await ada.decide(consent, 'Acme Robotics'));
    gaveNothing(await post(ada.browser, consent.url, approval));
  });

  test('posted after a denial', async () => {
    clientRedirect(await ada.decide(consent, 'Acme Robotics', 'deny'));
    gaveNothing(await post(ada.browser, consent.url, approval));
  });

  test('posted by the same person in a browser that did not begin it', async () => {
    const other = new Person();
    const theirs = await other.openConsent(client.authorize().url);
    gaveNothing(await post(other.browser, consent.url, { ...approval, csrf_token: csrfOf(theirs) }));
  });

  test('posted by nobody', async () => {
    gaveNothing(await post(new Browser(), consent.url, approval));
  });
});

test('posted many times at once, it is an approval once', async () => {
  const answers = await Promise.all(Array.from({ length: 10 }, () => post(ada.browser, consent.url, approval)));
  expect(answers.map(({ status }) => status).sort()).toEqual([303, ...Array.from({ length: 9 }, () => 403)]);
});

test.each(['?', '/switch-account?'])('by GET %s it has no effect', async (suffix) => {
  const url = new URL(`${consent.url}${suffix}${new URLSearchParams(approval)}`);
  const answer = await answerOf(await ada.browser.send(url));
  expect(answer.headers.get('location') ?? '').not.toContain('code=');
  expect([200, 404, 405]).toContain(answer.status);
  // Neither answered nor signed out: the person decides now.
  expect(clientRedirect(await ada.decide(consent, 'Acme Robotics')).searchParams.get('code')).toBeTruthy();
});

test('given while the request ends in another tab, an answer counts or is refused, and is no failure', async () => {
  for (const decision of ['deny', 'approve', 'deny', 'approve', 'deny', 'approve']) {
    const { url } = await ada.open(client.authorize().url);
    const resume = () => ada.browser.send(new URL(server.url(`/authorize/${url.pathname.split('/').at(-1)}`)));
    const [{ status }] = await Promise.all([post(ada.browser, url, { ...approval, decision }), resume(), resume()]);
    expect([303, 403]).toContain(status);
  }
  expect(server.output()).not.toContain('"level":50');
});

test('two authorizations in one browser stay apart: each approval answers its own', async () => {
  const [one, two] = [client.authorize(), client.authorize()];
  const pages = [await ada.openConsent(one.url), await ada.openConsent(two.url)];
  for (const [n, { state }] of [one, two].entries()) {
    const redirect = clientRedirect(await ada.decide(pages[n] as Page, 'Acme Robotics'));
    expect(redirect.searchParams.get('state')).toBe(state);
  }
});
