/** Text of strangers on pages of this server: shown as text, under a policy that runs nothing inline. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { organizationPath, signedInPerson } from '../support/audit.js';
import type { Page } from '../support/browser.js';
import { TestClient } from '../support/client.js';
import { registerWith } from '../support/clientRow.js';
import { everyPage, type NamedPage } from '../support/everyPage.js';
import { csrfOf, post } from '../support/forms.js';
import { Person } from '../support/person.js';
import { startServer, type TestServer } from '../support/server.js';

const REDIRECT_URI = 'http://127.0.0.1:8765/callback';
/** Breaks out of text, of attributes in either quote, of a title, of a script, and of a template. */
const PAYLOAD = `</title></script><img src=x onerror=alert(1)>"'><svg/onload=alert(2)><%= 1234*5678 %>{{1234*5678}}`;

let server: TestServer;
let ada: Person;
let pages: NamedPage[];
beforeAll(async () => {
  server = await startServer();
  ada = await signedInPerson(server);
  pages = await everyPage(server);
});
afterAll(() => server?.stop());

/** Nothing of the payload became markup, and the policy would not have run it. */
const isHarmless = (page: Page, shown = true): void => {
  const html = page.html.toString();
  expect(html).not.toContain('<img');
  expect(html).not.toContain('<svg/onload');
  expect(html).not.toContain('7006652');
  if (shown) expect(html).toContain('&lt;img src=x onerror=alert(1)&gt;');
  hasNothingInline(page);
};

const hasNothingInline = (page: Page): void => {
  const policy = page.headers.get('content-security-policy') ?? '';
  expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
  expect(policy).not.toMatch(/unsafe|data:|blob:|\*/);
  for (const element of page.html.querySelectorAll('*')) {
    const names = Object.keys(element.attributes).map((name) => name.toLowerCase());
    expect(names.filter((name) => name === 'style' || name.startsWith('on'))).toEqual([]);
    for (const name of ['href', 'src', 'action', 'formaction'])
      expect(element.getAttribute(name) ?? '').not.toMatch(/^\s*(javascript|data|vbscript):/i);
  }
  for (const script of page.html.querySelectorAll('script')) {
    expect(script.getAttribute('src')).toMatch(/^\/assets\/app\.js/);
    expect(script.textContent).toBe('');
  }
  expect(page.html.querySelectorAll('style, base, iframe, object, embed, meta[http-equiv]')).toEqual([]);
};

test('no page of this server has anything inline, or comes without the policy', () => {
  for (const { page } of pages) hasNothingInline(page);
});

describe('The payload is shown as text', () => {
  const consentOf = async (metadata: object) => {
    const { json } = await registerWith(server, JSON.stringify({ redirect_uris: [REDIRECT_URI], ...metadata }));
    const template = await TestClient.register(server);
    return ada.openConsent(template.authorize({ client_id: String(json.client_id) }).url);
  };

  test('as the name of a client on the consent page', async () => {
    isHarmless(await consentOf({ client_name: PAYLOAD.slice(0, 100) }));
  });

  test.each(['javascript:alert(1)', 'data:text/html,x', `https://x.example/"><img src=x onerror=alert(1)>`])(
    'as the addresses %s of a client',
    async (uri) => {
      const addresses = { client_uri: uri, logo_uri: uri, tos_uri: uri, policy_uri: uri };
      isHarmless(await consentOf({ client_name: 'Plain', ...addresses }), false);
    },
  );

  test('as the name of a client on the account pages, in the audit log and in the organization', async () => {
    const { json } = await registerWith(
      server,
      JSON.stringify({ redirect_uris: [REDIRECT_URI], client_name: PAYLOAD.slice(0, 100) }),
    );
    const template = await TestClient.register(server);
    const authorization = template.authorize({ client_id: String(json.client_id) });
    const sent = await ada.decide(await ada.openConsent(authorization.url), 'Acme Robotics');
    const code = sent.leftFor?.searchParams.get('code') ?? '';
    const exchanged = await template.exchange(code, authorization.verifier, { client_id: String(json.client_id) });
    expect(exchanged.status).toBe(200);
    const acme = await organizationPath(server, ada, 'Acme Robotics');
    const list = await ada.open(server.url('/account/connections'));
    isHarmless(list);
    isHarmless(await ada.open(`${acme}/connections`));
    isHarmless(await ada.open(`${acme}/connections?client=${json.client_id}`));
    isHarmless(await ada.open(`${acme}/audit`));
    const removal = list.html.querySelector('a[href$="/remove"]')?.getAttribute('href') ?? '';
    isHarmless(await ada.open(new URL(removal, list.url)));
  });

  test('as the name of an organization, wherever that stands', async () => {
    const form = await ada.open(server.url('/organizations/new'));
    const settings = await ada.browser.submit(form, 'input[name=name]', { name: PAYLOAD });
    expect(settings.status).toBe(200);
    isHarmless(settings);
    const path = settings.url.href.replace(/\/settings.*/, '');
    for (const page of ['members', 'members/add', 'connections', 'audit', 'settings/mcp-access'])
      isHarmless(await ada.open(`${path}/${page}`));
    isHarmless(await ada.open((await TestClient.register(server)).authorize().url));
    isHarmless(await ada.open(server.url('/account')));
    const invited = await ada.browser.submit(await ada.open(`${path}/members/add`), 'input[name=email]', {
      email: 'guest@example.com',
      'role:insights': 'on',
    });
    isHarmless(await new Person().open(invited.html.querySelector('#invitation-link')?.textContent ?? ''));
  });

  test('as the name of a person, on the own pages and on those of an organization', async () => {
    const grace = await signedInPerson(server, 'grace@example.com');
    const profile = await grace.open(server.url('/account'));
    isHarmless(await grace.browser.submit(profile, 'input[name=name]', { name: PAYLOAD }));
    const acme = await organizationPath(server, ada, 'Acme Robotics');
    isHarmless(await ada.open(`${acme}/members`));
    isHarmless(await grace.openConsent((await TestClient.register(server)).authorize().url));
    const linus = await signedInPerson(server, 'linus@example.com');
    isHarmless(await linus.open(`${acme}/settings`));
  });

  test('as the app of a role', async () => {
    const acme = await organizationPath(server, ada, 'Acme Robotics');
    const form = await ada.open(`${acme}/members/add`);
    const fields = { email: 'x', 'scoped-0': 'app-viewer', 'app-0': PAYLOAD, 'keyset-0': PAYLOAD };
    isHarmless(await ada.browser.submit(form, 'input[name=email]', fields));
  });

  test('as what was typed into a form that is refused', async () => {
    const stranger = new Person(PAYLOAD);
    isHarmless(await stranger.signIn(await stranger.open(server.url('/login')), 'wrong'));
    const form = await ada.open(server.url('/organizations/new'));
    isHarmless(await ada.browser.submit(form, 'input[name=name]', { name: PAYLOAD + 'x'.repeat(300) }));
  });

  test.each(['client_id', 'redirect_uri', 'scope', 'resource', 'state', 'prompt', 'ui_locales', 'request'])(
    'or nowhere as %s of an authorization request',
    async (name) => {
      const page = await new Person().open((await TestClient.register(server)).authorize({ [name]: PAYLOAD }).url);
      isHarmless(page, false);
    },
  );

  test.each(['text', 'client', 'organization', 'after', 'removed', 'done', 'person', 'action', 'page'])(
    'or nowhere as %s in the address of a page',
    async (name) => {
      const acme = await organizationPath(server, ada, 'Acme Robotics');
      const query = `?${new URLSearchParams({ [name]: PAYLOAD })}`;
      for (const path of ['/account/connections', '/account', '/login', '/logout'])
        isHarmless(await ada.open(server.url(path) + query), false);
      for (const path of ['/audit', '/connections', '/members', '/settings'])
        isHarmless(await ada.open(acme + path + query), false);
    },
  );

  test('or nowhere in a path', async () => {
    for (const path of ['/', '/account/', '/organizations/', '/invitations/', '/interaction/', '/password/reset/'])
      isHarmless(await ada.open(server.url(path + encodeURIComponent(PAYLOAD))), false);
  });

  test('as the browser of a sign-in session', async () => {
    const page = await ada.open(server.url('/login?again=1'));
    const fields = { csrf_token: csrfOf(page), email: 'ada@example.com', password: 'demo-password' };
    await post(ada.browser, server.url('/login'), fields, { 'user-agent': `${PAYLOAD.replace(/[^\x20-\x7e]/g, '')}` });
    isHarmless(await ada.open(server.url('/account')), false);
  });
});
