/** Framing: no answer of this server is shown inside another page. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { request, TestClient } from '../support/client.js';
import { everyPage, type NamedPage } from '../support/everyPage.js';
import { clientRedirect, Person } from '../support/person.js';
import { startServer, type TestServer } from '../support/server.js';

let server: TestServer;
let pages: NamedPage[];
beforeAll(async () => {
  server = await startServer();
  pages = await everyPage(server);
});
afterAll(() => server?.stop());

const isNeverFramed = (name: string, headers: Headers): void => {
  expect(`${name}: ${headers.get('x-frame-options')}`).toBe(`${name}: DENY`);
  const policies = headers.get('content-security-policy') ?? '';
  expect(`${name}: ${policies}`).toMatch(/frame-ancestors 'none'/);
  // Two policies would be joined by a comma, and one of them could be weaker.
  expect(policies).not.toMatch(/,|frame-ancestors [^']/);
};

test('every HTML answer refuses to be framed, by both headers', () => {
  expect(pages.length).toBeGreaterThan(30);
  for (const { name, page } of pages) {
    expect(`${name}: ${page.headers.get('content-type')}`).toMatch(/: text\/html/);
    isNeverFramed(name, page.headers);
  }
});

test('the pages that were opened are the ones that were meant', () => {
  const statuses = Object.fromEntries(pages.map(({ name, page }) => [name, page.status]));
  expect(statuses).toMatchObject({
    'sign-in': 200,
    'refused sign-in': 401,
    'not found': 404,
    'unknown client': 400,
    consent: 200,
    'consent without a choice': 400,
    connections: 200,
    removal: 200,
    profile: 200,
    settings: 200,
    members: 200,
    'members with a link': 200,
    invitation: 200,
    roles: 200,
    'removing a member': 200,
    'audit log': 200,
    'settings, refused': 403,
    'a forged form': 403,
  });
});

test('redirects and answers to clients refuse it as well', async () => {
  for (const path of [
    '/',
    '/account',
    '/jwks',
    '/.well-known/oauth-authorization-server',
    '/health/alive',
    '/userinfo',
  ])
    isNeverFramed(path, (await request(server.url(path))).headers);
  for (const path of ['/token', '/register', '/revoke', '/login'])
    isNeverFramed(path, (await request(server.url(path), { method: 'POST' })).headers);
});

describe.each([
  ['a web client', 'https://client.example.com/callback'],
  ['a loopback client', 'http://127.0.0.1:8765/callback'],
  ['a loopback client by IPv6', 'http://[::1]:8765/callback'],
  ['an app', 'cursor://x/callback'],
  ['a client whose path tries to add a directive', 'https://c.example.com/;frame-ancestors%20*'],
])('The consent page of %s', (_what, redirectUri) => {
  test.each(['approve', 'deny'] as const)('and the page after "%s" have the policy of every page', async (decision) => {
    const client = await TestClient.register(server, undefined, redirectUri);
    const person = new Person();
    const consent = await person.openConsent(client.authorize().url);
    const after = await person.decide(consent, 'Acme Robotics', decision);
    expect(clientRedirect(after).href.startsWith(redirectUri)).toBe(true);
    for (const page of [consent, after]) {
      expect(page.status).toBe(200);
      isNeverFramed('consent', page.headers);
      const policy = page.headers.get('content-security-policy') ?? '';
      expect(/form-action ([^;]*)/.exec(policy)?.[1]).toBe("'self'");
      expect(policy).toBe(pages.find(({ name }) => name === 'sign-in')?.page.headers.get('content-security-policy'));
    }
  });
});
