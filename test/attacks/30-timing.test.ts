/** What the time of an answer tells: the same work is done, and secrets are compared in constant time. */
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { assertOwnForm, csrfToken } from '../../src/http/csrf.js';
import { secretMatches, withHashedSecret } from '../../src/oauth/clientSecret.js';
import { Browser } from '../support/browser.js';
import { csrfOf, post } from '../support/forms.js';
import { startServer, type TestServer } from '../support/server.js';

/** A password hash takes 20 ms or more; an answer without one a few. */
const GENEROUS = 3;
const SAMPLES = 15;

let server: TestServer;
beforeAll(async () => {
  const { resources, defaultResource, resourceServers } = JSON.parse(readFileSync('config/default.json', 'utf8'));
  const many = { events: 10_000, seconds: 60 };
  const rates = { signInPerAccountAndAddress: many, signInPerAddress: many, signInPerAccount: many };
  server = await startServer({ config: { resources, defaultResource, resourceServers, limits: { rates } } });
});
afterAll(() => server?.stop());

const median = (numbers: readonly number[]): number => numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? 0;

const timesOf = async (emails: readonly string[]): Promise<Record<string, number>> => {
  const browser = new Browser();
  const page = await browser.open(server.url('/login'));
  const times = new Map(emails.map((email) => [email, [] as number[]]));
  for (let sample = 0; sample < SAMPLES; sample++)
    for (const email of emails) {
      const fields = { csrf_token: csrfOf(page), email, password: 'not the password' };
      const startedAt = performance.now();
      const answer = await post(browser, server.url('/login'), fields);
      times.get(email)?.push(performance.now() - startedAt);
      expect(answer.status).toBe(401);
    }
  return Object.fromEntries([...times].map(([email, all]) => [email, median(all)]));
};

test('signing in takes as long for an account that does not exist: a hash is computed for it too', async () => {
  const times = await timesOf(['ada@example.com', 'nobody@example.com', 'not an address', '']);
  const known = times['ada@example.com'] ?? 0;
  expect(known).toBeGreaterThan(5);
  for (const time of Object.values(times)) {
    expect(time).toBeGreaterThan(known / GENEROUS);
    expect(time).toBeLessThan(known * GENEROUS);
  }
});

test('the answer is the same to the letter, apart from what was typed and the random id of its forms', async () => {
  const texts = await Promise.all(
    ['ADA@example.com', 'EVE@example.com'].map(async (email) => {
      const browser = new Browser();
      const page = await browser.open(server.url('/login'));
      const fields = { csrf_token: csrfOf(page), email, password: 'not the password' };
      const { status, headers, text } = await post(browser, page.url, fields);
      const set = headers.getSetCookie().map((line) => line.split('=')[0]);
      const same = text.replaceAll(email, '').replaceAll(csrfOf(page), '');
      return [status, set, same.replace(/name="form_id" value="[\w-]+"/g, '')];
    }),
  );
  expect(texts[0]).toEqual(texts[1]);
});

describe('A comparison looks at all of a secret', () => {
  const KEYS = ['k'.repeat(32)];
  const context = { get: () => 'same-origin' } as unknown as Parameters<typeof assertOwnForm>[0];
  const accepts = (presented: string | null): boolean => {
    try {
      assertOwnForm(context, KEYS, 'session', presented);
      return true;
    } catch {
      return false;
    }
  };

  test('of a form token: every single changed character is refused, and so is every other length', () => {
    const token = csrfToken(KEYS, 'session');
    expect(accepts(token)).toBe(true);
    for (let n = 0; n < token.length; n++) {
      const changed = token[n] === 'A' ? 'B' : 'A';
      expect(accepts(token.slice(0, n) + changed + token.slice(n + 1))).toBe(false);
      expect(accepts(token.slice(0, n))).toBe(false);
    }
    for (const other of [null, '', `${token}A`, `${token}\0`, token.toLowerCase()]) expect(accepts(other)).toBe(false);
    expect(accepts(csrfToken(KEYS, 'other session'))).toBe(false);
  });

  test('of a client: hashes are compared, whatever the length of what is presented', () => {
    const { client_secret: known } = withHashedSecret({ client_secret: 'the secret of a client' });
    expect(secretMatches('the secret of a client', known)).toBe(true);
    for (const presented of ['', 'the secret of a clien', 'the secret of a client ', known, 'x'.repeat(100_000)])
      expect(secretMatches(presented, known)).toBe(false);
    for (const nothing of [undefined, '', 'sha256:']) expect(secretMatches('', nothing)).toBe(false);
  });
});

test('no code compares a secret by ===', () => {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => `src/${file}`);
  expect(files.length).toBeGreaterThan(100);
  const suspicious =
    /(secret|csrf|verifier|signature|password|challenge)\w*(\.\w+)? *[!=]==? *(?!undefined|null|''|'none'|'string'|0\b|-1)[\w'"]/i;
  const found = files.flatMap((file) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => suspicious.test(line) && !/^\s*(\*|\/\/|\/\*)/.test(line))
      .map((line) => `${file}: ${line.trim()}`),
  );
  // A word, a type, a length, and what the operator alone can say.
  expect(
    found.filter(
      (line) =>
        !/query\.password === 'changed'|typeof|\.length !==|^src\/(config|readConfigFile|organizations\/import\/\w+)\.ts/.test(
          line,
        ),
    ),
  ).toEqual([]);
});
