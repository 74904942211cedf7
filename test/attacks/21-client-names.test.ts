/** A client that calls itself what it is not: the page says that nobody checked, and where it leads. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { TestClient } from '../support/client.js';
import { registerWith } from '../support/clientRow.js';
import { Person } from '../support/person.js';
import { startServer, type TestServer } from '../support/server.js';

const REDIRECT_URI = 'https://phisher.example/callback';

let server: TestServer;
let person: Person;
beforeAll(async () => {
  server = await startServer();
  person = new Person();
});
afterAll(() => server?.stop());

const registered = async (client_name: unknown) => {
  const answer = await registerWith(server, JSON.stringify({ client_name, redirect_uris: [REDIRECT_URI] }));
  expect(answer.status).toBe(201);
  return answer.json;
};
const consentFor = async (client_name: unknown) => {
  const { client_id } = await registered(client_name);
  const template = await TestClient.register(server, undefined, REDIRECT_URI);
  return person.openConsent(template.authorize({ client_id: String(client_id) }).url);
};

const NAMES: Record<string, string> = {
  'the name of a well-known client': 'Claude',
  'the name of a well-known client with its site': 'Claude (claude.ai) – Verified',
  'Cyrillic letters': 'Сlаudе',
  'full-width letters': 'Ｃｌａｕｄｅ',
  'a zero-width space': 'Clau\u200Bde',
  'a zero-width joiner': 'Clau\u200Dde',
  'a soft hyphen': 'Clau\u00ADde',
  'a right-to-left override': 'edualC\u202E moc.live',
  'a right-to-left isolate': '\u2067Claude\u2069',
  'an Arabic letter mark': 'Cl\u061Caude',
  'a byte order mark': '\uFEFFClaude',
  'tag characters': 'Claude\u{E0041}\u{E0042}',
  'line breaks': 'Claude\n\nVerified: claude.ai',
  'a line separator': 'Claude\u2028Verified: claude.ai',
  'NUL and escape': 'Cl\u0000au\u001B[31mde',
};

test.each(Object.entries(NAMES))('%s is shown as unverified, with the host that it leads to', async (_what, name) => {
  const page = await consentFor(name);
  expect(page.status).toBe(200);
  const text = page.html.textContent.replace(/\s+/g, ' ');
  expect(page.html.querySelector('.badge')?.textContent.trim()).toBe('Unverified');
  expect(page.html.querySelectorAll('.badge.good')).toEqual([]);
  expect(text).toContain('Nobody has confirmed who makes this client');
  expect(page.html.querySelector('.destination .host strong')?.textContent).toBe('phisher.example');
  // Whatever a name does to the direction of text, it does inside its own element.
  for (const element of page.html.querySelectorAll('h1')) expect(element.querySelector('bdi')).not.toBeNull();
});

test.each(Object.entries(NAMES))('%s loses what cannot be seen', async (_what, name) => {
  const { client_name } = await registered(name);
  expect(String(client_name)).not.toMatch(/[\p{Cf}\p{Cc}\p{Zl}\p{Zp}]/u);
});

describe('A name of', () => {
  test.each([
    ['10 KB', 'A'.repeat(10_000), 100],
    ['10 KB of emoji', '🦀'.repeat(2_500), 100],
    ['combining marks', `A${'\u0301'.repeat(5_000)}`, 100],
  ])('%s is cut to a hundred characters, on the page as well', async (_what, name, most) => {
    expect([...String((await registered(name)).client_name)].length).toBeLessThanOrEqual(most);
    const heading = (await consentFor(name)).html.querySelector('h1 bdi')?.textContent ?? '';
    expect([...heading].length).toBeLessThanOrEqual(most);
  });

  test.each([
    ['nothing', ''],
    ['blanks', '   '],
    ['invisible characters', '\u200B\u200B'],
    ['a number', 7],
    ['a list', ['Claude']],
    ['an object', { en: 'Claude' }],
    ['null', null],
  ])('%s falls back to the client id', async (_what, name) => {
    const page = await consentFor(name);
    expect(page.html.querySelector('h1 bdi')?.textContent).toMatch(/^dcr_/);
  });
});

test('a name in other languages cannot replace the one that is shown', async () => {
  const answer = await registerWith(
    server,
    JSON.stringify({ client_name: 'Plain', 'client_name#en': 'Claude', redirect_uris: [REDIRECT_URI] }),
  );
  expect(JSON.stringify(answer.json)).not.toContain('Claude');
});

test('an address that shows another host to people who read quickly is shown by its real host', async () => {
  const client = await TestClient.register(server, undefined, 'https://claude.ai.phisher.example/claude.ai');
  const page = await person.openConsent(client.authorize().url);
  expect(page.html.querySelector('.destination .host strong')?.textContent).toBe('claude.ai.phisher.example');
});

test('an address in other letters is shown as the host really is (punycode)', async () => {
  const client = await TestClient.register(server, undefined, 'https://clаude.ai/callback');
  const page = await person.openConsent(client.authorize().url);
  expect(page.html.querySelector('.destination .host strong')?.textContent).toMatch(/^xn--/);
});

test('an icon is never loaded', async () => {
  const logo_uri = 'https://phisher.example/claude-logo.png';
  const { json } = await registerWith(server, JSON.stringify({ logo_uri, redirect_uris: [REDIRECT_URI] }));
  const template = await TestClient.register(server, undefined, REDIRECT_URI);
  const page = await person.openConsent(template.authorize({ client_id: String(json.client_id) }).url);
  expect(page.html.toString()).not.toContain('claude-logo.png');
});

test('the account pages call it verified as little', async () => {
  const client = await TestClient.register(server);
  await client.connect();
  const page = await person.open(server.url('/account/connections'));
  expect(page.html.textContent).toContain(client.clientId);
  expect(page.html.querySelectorAll('.badge.good')).toEqual([]);
  expect(page.html.textContent).not.toContain('Verified:');
});
