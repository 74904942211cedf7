/** No address of this server sends a browser elsewhere: errors, sign-out, return_to. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { signedInPerson } from '../support/audit.js';
import { Browser } from '../support/browser.js';
import { answerOf, TestClient } from '../support/client.js';
import { csrfOf, post } from '../support/forms.js';
import { DEMO_PASSWORD, Person } from '../support/person.js';
import { rawRequest, sendRaw } from '../support/raw.js';
import { startServer, type TestServer } from '../support/server.js';

/** Below a path, so that there is something to climb out of. */
const PATH = '/oauth';

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ issuerPath: PATH });
});
afterAll(() => server?.stop());

const ELSEWHERE = [
  'https://evil.example/',
  '//evil.example/',
  '///evil.example/',
  '/\\evil.example/',
  '\\\\evil.example/',
  '/\t/evil.example/',
  '/\n/evil.example/',
  ' //evil.example/',
  `${PATH}//evil.example/../../..//evil.example/`,
  `${PATH}/..//evil.example/`,
  `${PATH}/../../evil.example`,
  `${PATH}/%2e%2e//evil.example/`,
  `${PATH}/.%2e/%2e.//evil.example`,
  `${PATH}\\..\\..\\evil.example`,
  `${PATH}@evil.example/`,
  `${PATH}.evil.example/`,
  'javascript:alert(1)',
  'data:text/html,x',
  '/account/connections',
  'evil.example',
  '?x',
  '#x',
  '',
];

/** A redirect, if any, stays below the issuer. */
const staysHere = (status: number, location: string | null, from: string): void => {
  expect(status).toBeLessThan(500);
  if (location === null) return;
  const target = new URL(location, from);
  expect(`${target.origin}${target.pathname}`).toMatch(new RegExp(`^${server.issuer}/`));
  expect(location).not.toMatch(/^\/[/\\]|[\r\n\t]/);
};

describe.each(ELSEWHERE)('return_to=%j', (target) => {
  const query = `return_to=${encodeURIComponent(target)}`;

  test('is not followed when somebody signs in', async () => {
    const browser = new Browser();
    const page = await browser.open(server.url(`/login?${query}`));
    const fields = { csrf_token: csrfOf(page), email: 'ada@example.com', password: DEMO_PASSWORD, return_to: target };
    const answer = await post(browser, server.url('/login'), fields);
    expect(answer.status).toBe(303);
    staysHere(answer.status, answer.headers.get('location'), page.url.href);
    expect(page.html.querySelector('input[name=return_to]')?.getAttribute('value') ?? `${PATH}/`).toMatch(/^\/oauth\//);
  });
});

describe('Somebody who is signed in', () => {
  let ada: Person;
  beforeAll(async () => {
    ada = await signedInPerson(server);
  });

  test.each(ELSEWHERE)('is not sent to return_to=%j by the sign-in page', async (target) => {
    const url = new URL(server.url(`/login?return_to=${encodeURIComponent(target)}`));
    const answer = await answerOf(await ada.browser.send(url));
    expect(answer.status).toBe(302);
    staysHere(answer.status, answer.headers.get('location'), url.href);
  });

  test.each(ELSEWHERE)('is not sent to return_to=%j by switching the organization', async (return_to) => {
    const page = await ada.open(server.url('/account/connections'));
    const id = page.html.querySelector('button[name=organization_id]')?.getAttribute('value') ?? '';
    const fields = { csrf_token: csrfOf(page), organization_id: id, return_to };
    const answer = await post(ada.browser, server.url('/account/organization'), fields);
    expect(answer.status).toBe(303);
    staysHere(answer.status, answer.headers.get('location'), page.url.href);
  });

  test.each(['return_to', 'post_logout_redirect_uri', 'redirect_uri', 'next', 'returnTo'])(
    'is not sent away by signing out with %s',
    async (name) => {
      const person = await signedInPerson(server);
      const page = await person.open(server.url('/account/connections'));
      const fields = { csrf_token: csrfOf(page), [name]: 'https://evil.example/' };
      const url = server.url(`/logout?${name}=${encodeURIComponent('https://evil.example/')}`);
      const answer = await post(person.browser, url, fields);
      expect(new URL(answer.headers.get('location') ?? '', url).href).toBe(server.url('/logout'));
    },
  );
});

test.each([
  '//evil.example/',
  '//evil.example/oauth/account/connections',
  '/oauth//evil.example/',
  '/oauth/account/connections//evil.example',
  '/oauth/organizations//evil.example/settings',
  '/oauth/organizations/%2f%2fevil.example/settings',
  '/oauth/interaction/%2f%2fevil.example',
  '/oauth/account/connections?//evil.example',
  'http://evil.example/oauth/account/connections',
  '/oauth/account/connections\\@evil.example',
])('a request for %s leads nowhere else', async (target) => {
  const { status, head } = await sendRaw(server.port, rawRequest('GET', target, ['Accept: text/html']));
  staysHere(status, /^location: (.*)$/im.exec(head)?.[1]?.trim() ?? null, server.url('/'));
});

describe('An error of an authorization request', () => {
  test.each([
    'prompt=none',
    'response_type=token',
    'response_mode=fragment',
    'resource=https://x.example',
    'request=x',
  ])('by %s goes to the registered address or to nobody', async (extra) => {
    const client = await TestClient.register(server);
    const [name = '', value = ''] = extra.split(/=(.*)/);
    const page = await new Person().open(client.authorize({ [name]: value }).url);
    if (page.leftFor) expect(`${page.leftFor.origin}${page.leftFor.pathname}`).toBe(client.redirectUri);
    else expect(page.status).toBe(400);
  });
});
