/** An approval that the person did not give: forged, replayed, from elsewhere. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Browser, type Page } from '../support/browser.js';
import { type Answer, answerOf, introspect, TestClient, tokensOf } from '../support/client.js';
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

  test('posted a second time for another organization, or as a denial', async () => {
    const first = await post(ada.browser, consent.url, approval);
    expect(first.status).toBe(303);
    const other = offeredOrganizations(consent).find(({ id }) => id !== approval.organization_id);
    gaveNothing(await post(ada.browser, consent.url, { ...approval, organization_id: other?.id ?? '' }));
    gaveNothing(await post(ada.browser, consent.url, { ...approval, decision: 'deny' }));
  });

  test('posted again from another session, also with what the first one sent', async () => {
    await post(ada.browser, consent.url, approval);
    const other = new Person();
    const theirs = await other.openConsent(client.authorize().url);
    gaveNothing(await post(other.browser, consent.url, { ...approval, csrf_token: csrfOf(theirs) }));
    gaveNothing(await post(other.browser, consent.url, approval));
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

describe('The same approval by the same session', () => {
  const sentTo = ({ status, headers }: Answer): string => `${status} ${headers.get('location')}`;

  test('posted many times at once, is an approval once and leads each time to the same code', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => post(ada.browser, consent.url, approval)));
    const resume = new URL(`/authorize/${consent.url.pathname.split('/').at(-1)}`, consent.url);
    expect(new Set(answers.map(sentTo))).toEqual(new Set([`303 ${resume.href}`]));
    const cookies = await ada.browser.jar.getCookies(resume.href);
    const led = new Set<string>();
    for (const _ of answers) {
      for (const cookie of cookies) await ada.browser.jar.setCookie(cookie, resume.href);
      led.add(clientRedirect(await ada.open(resume)).href);
    }
    expect(led.size).toBe(1);
  });

  test('posted again after the client was led to, leads to the same code until the client uses it', async () => {
    const { url, verifier } = client.authorize();
    const page = await ada.openConsent(url);
    const first = clientRedirect(await ada.decide(page, 'Acme Robotics'));
    const again = clientRedirect(await ada.decide(page, 'Acme Robotics'));
    expect(again.href).toBe(first.href);
    const tokens = tokensOf(await client.exchange(first.searchParams.get('code') ?? '', verifier));
    for (const late of [await ada.decide(page, 'Acme Robotics'), await ada.open(page.url)]) {
      expect(`${late.status} ${late.leftFor ?? ''}`).toBe('200 ');
      expect(late.html.textContent).toContain('You have answered');
      expect(late.html.textContent).not.toContain('code=');
    }
    expect((await introspect(server, tokens.accessToken)).json.active).toBe(true);
  });

  test('leads nobody on who is signed out', async () => {
    clientRedirect(await ada.decide(consent, 'Acme Robotics'));
    const resume = new URL(`/authorize/${consent.url.pathname.split('/').at(-1)}`, consent.url);
    const page = await new Browser().open(resume);
    expect(`${page.status} ${page.leftFor ?? ''}`).toBe('400 ');
  });
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
