/** Host and X-Forwarded-* of an attacker: every address that this server writes comes from its issuer. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { signedInPerson } from '../support/audit.js';
import { Browser } from '../support/browser.js';
import { TestClient } from '../support/client.js';
import { csrfOf, post } from '../support/forms.js';
import { offeredOrganizations } from '../support/person.js';
import { type RawAnswer, rawRequest, sendRaw } from '../support/raw.js';
import { startServer, type TestServer } from '../support/server.js';

const POISON: Record<string, string[]> = {
  Host: ['Host: evil.example'],
  'Host with a port': ['Host: evil.example:443'],
  'X-Forwarded-Host': ['X-Forwarded-Host: evil.example'],
  'X-Forwarded-Proto': ['X-Forwarded-Proto: javascript'],
  'X-Forwarded-Port and -Prefix': ['X-Forwarded-Port: 666', 'X-Forwarded-Prefix: /evil.example'],
  Forwarded: ['Forwarded: host=evil.example;proto=https;for=192.0.2.1'],
  'X-Original-URL and X-Rewrite-URL': ['X-Original-URL: /evil.example', 'X-Rewrite-URL: /evil.example'],
  'X-Host and X-HTTP-Host-Override': ['X-Host: evil.example', 'X-HTTP-Host-Override: evil.example'],
  'all of them': [
    'Host: evil.example',
    'X-Forwarded-Host: evil.example, evil.example',
    'X-Forwarded-Proto: https',
    'Forwarded: host=evil.example',
  ],
};

let server: TestServer;
let client: TestClient;
beforeAll(async () => {
  server = await startServer({ issuerPath: '/oauth' });
  client = await TestClient.register(server);
});
afterAll(() => server?.stop());

const get = (path: string, headers: string[]): Promise<RawAnswer> =>
  sendRaw(server.port, rawRequest('GET', path, ['Accept: text/html', ...headers]));
/** Asset addresses carry hashes, ids carry letters: only the name of the attacker matters. */
const isClean = ({ head, body }: RawAnswer): void => {
  expect(head).not.toMatch(/evil\.example|:666|javascript:/);
  expect(body).not.toMatch(/evil\.example|:666|javascript:/);
};

describe.each(Object.keys(POISON))('%s', (name) => {
  const headers = POISON[name] ?? [];

  test('does not change the metadata', async () => {
    const plain = await get('/oauth/.well-known/oauth-authorization-server', []);
    for (const path of [
      '/oauth/.well-known/oauth-authorization-server',
      '/.well-known/oauth-authorization-server/oauth',
      '/.well-known/openid-configuration',
    ]) {
      const answer = await get(path, headers);
      expect(JSON.parse(answer.body)).toEqual(JSON.parse(plain.body));
    }
  });

  test('does not change a redirect, a page, a cookie or a challenge', async () => {
    const authorize = new URL(client.authorize().url);
    const failing = new URL(client.authorize({ prompt: 'none' }).url);
    for (const path of [
      authorize.pathname + authorize.search,
      failing.pathname + failing.search,
      '/oauth/',
      '/oauth/account/connections',
      '/oauth/login',
      '/oauth/logout',
      '/oauth/nothing',
      '/oauth/userinfo',
    ]) {
      const answer = await get(path, headers);
      expect(answer.status).toBeGreaterThanOrEqual(200);
      expect(answer.status).toBeLessThan(500);
      isClean(answer);
    }
    const sent = await get(failing.pathname + failing.search, headers);
    expect(decodeURIComponent(/^location: (.*)$/im.exec(sent.head)?.[1] ?? '')).toContain(`iss=${server.issuer}`);
    const body = 'token=x';
    const type = 'Content-Type: application/x-www-form-urlencoded';
    const refused = await sendRaw(server.port, rawRequest('POST', '/oauth/introspect', [type, ...headers], body));
    expect(refused.head).toContain(`realm="${server.issuer}"`);
  });

  test('does not change what registration answers', async () => {
    const body = '{"redirect_uris":["http://localhost/callback"]}';
    const answer = await sendRaw(
      server.port,
      rawRequest('POST', '/oauth/register', ['Content-Type: application/json', ...headers], body),
    );
    expect(answer.status).toBe(201);
    isClean(answer);
  });
});

test('an authorization that began under another host comes back to the issuer all the same', async () => {
  const { pathname, search } = new URL(client.authorize().url);
  const begun = await get(pathname + search, ['Host: evil.example', 'X-Forwarded-Host: evil.example']);
  const browser = new Browser();
  for (const [, line = ''] of begun.head.matchAll(/^set-cookie: (.*)$/gim))
    await browser.jar.setCookie(line, server.url('/'));
  const page = await browser.open(new URL(/^location: (.*)$/im.exec(begun.head)?.[1] ?? '', server.url('/')));
  const credentials = { email: 'ada@example.com', password: 'demo-password' };
  const consent = await browser.submit(page, 'input[name=password]', credentials);
  const organization_id = offeredOrganizations(consent)[0]?.id ?? '';
  const fields = { csrf_token: csrfOf(consent), organization_id, decision: 'approve' };
  const approved = await post(browser, consent.url, fields);
  expect(approved.status).toBe(303);
  expect(new URL(approved.headers.get('location') ?? '', consent.url).href).toMatch(`${server.issuer}/authorize/`);
});

test('an address in the request line that names another host leads nowhere else', async () => {
  for (const target of [
    'http://evil.example/oauth/account',
    'https://evil.example/oauth/login',
    '//evil.example/oauth/login',
  ]) {
    const answer = await get(target, []);
    expect(answer.status).toBeLessThan(500);
    expect(answer.head).not.toMatch(/^location: *(https?:)?\/\/evil/im);
  }
});

test('the link of an invitation is at the issuer, whatever host the admin was lured to', async () => {
  const ada = await signedInPerson(server);
  const list = await ada.open(server.url('/account/connections'));
  const button = list.html.querySelectorAll('button[name=organization_id]').find((b) => b.textContent.includes('Acme'));
  const path = server.url(`/organizations/${button?.getAttribute('value')}/members`);
  const add = await ada.open(`${path}/add`);
  const poisoned = { 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example' };
  const fields = { csrf_token: csrfOf(add), email: 'guest@example.com', 'role:insights': 'on' };
  expect((await post(ada.browser, `${path}/add`, fields, poisoned)).status).toBe(303);
  const page = await ada.open(`${path}?done=link`);
  expect(page.html.querySelector('#invitation-link')?.textContent).toMatch(
    new RegExp(`^${server.issuer}/invitations/`),
  );
});

test('X-Forwarded-For of a client that no proxy wrote is not believed: audit and limits see the real address', async () => {
  const browser = new Browser({ 'x-forwarded-for': '203.0.113.7' });
  const page = await browser.open(server.url('/login'));
  await browser.submit(page, 'input[name=password]', { email: 'ada@example.com', password: 'demo-password' });
  const profile = (await browser.open(server.url('/account'))).html.textContent;
  expect(profile).toContain('127.0.0.1');
  expect(profile).not.toContain('203.0.113.7');
  expect(server.output()).not.toContain('203.0.113.7');
});
