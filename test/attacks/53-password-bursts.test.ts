/** A burst of passwords to compare: a few at a time, a few that wait, and everything else goes on meanwhile. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { MOST_PASSWORDS } from '../../src/accounts/passwords.js';
import { boundedQueue, TooBusyError } from '../../src/boundedQueue.js';
import { NICENESS } from '../../src/lib/backgroundThreads.js';
import { signedInPerson } from '../support/audit.js';
import { Browser, type Page } from '../support/browser.js';
import { type Answer, introspect, request, TestClient } from '../support/client.js';
import { csrfOf, post } from '../support/forms.js';
import { HELD_LOOP, longestTurn } from '../support/heldLoop.js';
import { niceValues } from '../support/niceValues.js';
import { describeOnEachStore } from '../support/onEachStore.js';
import type { TestServer } from '../support/server.js';
import { asServer, ES256, EXCHANGER, OPAQUE, RS256, SIGNED_CONFIG } from '../support/signedConfig.js';

const HELD_POOL = fileURLToPath(new URL('../support/heldPool.mjs', import.meta.url));
const BURST = 120;
/** Milliseconds of work for which a burst may hold the event loop at a time. */
const MOST_HELD_MS = 20;
/** Tried for one account from one address. */
const ALLOWED = 40;

const many = { events: 10_000, seconds: 900 };
const CONFIG = {
  ...SIGNED_CONFIG,
  limits: {
    rates: {
      signInPerAccountAndAddress: { events: ALLOWED, seconds: 900 },
      signInPerAddress: many,
      signInPerAccount: many,
    },
  },
};

test('work comes in turn: so many at once, so many that wait, and a refusal beyond them', async () => {
  const inTurn = boundedQueue(2, 3, 7);
  const begun: number[] = [];
  const endings: (() => void)[] = [];
  const work = (n: number) => () => {
    begun.push(n);
    return new Promise<number>((resolve) => endings.push(() => resolve(n)));
  };
  const accepted = [0, 1, 2, 3, 4].map((n) => inTurn(work(n)));
  await expect(inTurn(work(5))).rejects.toEqual(new TooBusyError(7));
  expect(begun).toEqual([0, 1]);
  const patient = inTurn(work(6), true);
  for (let done = 1; done <= 5; done++) {
    endings[done - 1]?.();
    await accepted[done - 1];
    // The place of one goes to the next who waits, and to one alone.
    await new Promise((resolve) => setImmediate(resolve));
    expect(begun).toHaveLength(Math.min(2 + done, 6));
  }
  endings[5]?.();
  expect(await Promise.all([...accepted, patient])).toEqual([0, 1, 2, 3, 4, 6]);
});

test('work that fails gives its place back', async () => {
  const inTurn = boundedQueue(1, 0, 1);
  await expect(inTurn(() => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
  expect(await inTurn(async () => 'done')).toBe('done');
});

test('no code hashes or verifies a password but what does it in turn', () => {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  const using = files.filter((file) => readFileSync(join('src', file), 'utf8').includes("'@node-rs/argon2'"));
  expect(using.toSorted()).toEqual(['accounts/passwordThread.ts', 'accounts/passwords.ts']);
  const passwords = readFileSync('src/accounts/passwords.ts', 'utf8');
  expect(passwords).toContain("import { parseOptions } from '@node-rs/argon2'");
  expect(passwords.match(/(?<!inTurn\(\(\) => )\binThread\(/g)).toBeNull();
});

const wrong = (browser: Browser, page: Page, email: string): Promise<Answer> =>
  post(browser, page.url, { csrf_token: csrfOf(page), email, password: 'not the password' });

const isBusy = (answer: Answer): boolean => answer.status === 429 && answer.text.includes('Too many people sign in');

await describeOnEachStore((stores) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await stores.start({ config: CONFIG, preload: [HELD_POOL, HELD_LOOP] });
  });
  afterAll(() => server?.stop());

  const burst = async (emailOf: (n: number) => string): Promise<Answer[]> => {
    const browser = new Browser();
    const page = await browser.open(server.url('/login'));
    return Promise.all(Array.from({ length: BURST }, (_, n) => wrong(browser, page, emailOf(n))));
  };

  test.each([
    ['accounts that do not exist', (n: number) => `account${n}@example.com`],
    ['an account and others', (n: number) => (n % 4 === 0 ? 'linus@example.com' : `other${n}@example.com`)],
  ])('of %s, most of a burst are refused at once, and hear when to come again', async (_what, emailOf) => {
    const answers = await burst(emailOf);
    const busy = answers.filter(isBusy);
    expect(busy.length).toBeGreaterThan(0);
    for (const { headers } of busy) expect(headers.get('retry-after')).toBe('2');
    const compared = answers.filter(({ status }) => status === 401);
    expect(compared.length).toBeGreaterThanOrEqual(MOST_PASSWORDS);
    expect(busy.length + compared.length).toBe(BURST);
  });

  test('a burst never holds the event loop for long, and passwords are hashed at a low priority', async () => {
    const { ms, result } = await longestTurn(server, () => burst((n) => `held${n}@example.com`));
    expect(result).toHaveLength(BURST);
    expect(ms).toBeLessThan(MOST_HELD_MS);
    if (process.platform !== 'linux') return;
    const { main, others } = niceValues(server.process().pid ?? 0);
    expect(others).toContain(Math.min(19, main + NICENESS));
    expect(others.filter((nice) => nice > main).length).toBeLessThanOrEqual(2);
  });

  test('what was refused for that was no attempt: the account has all of its own left', async () => {
    const email = 'grace@example.com';
    const inBurst = (await burst(() => email)).filter(({ status }) => status === 401).length;
    const browser = new Browser();
    const page = await browser.open(server.url('/login'));
    let compared = inBurst;
    while ((await wrong(browser, page, email)).status === 401) compared += 1;
    expect({ inBurst: inBurst < ALLOWED, compared }).toEqual({ inBurst: true, compared: ALLOWED });
  });

  test('a new password on the profile page is refused in the same way, and the old one stays', async () => {
    const ada = await signedInPerson(server);
    const url = server.url('/account/password');
    const csrf_token = csrfOf(await ada.open(server.url('/account')));
    const fields = { csrf_token, current_password: 'demo-password', new_password: 'demo-password' };
    const tries = Array.from({ length: ALLOWED }, () =>
      post(ada.browser, url, { ...fields, current_password: 'wrong' }),
    );
    expect((await Promise.all(tries)).filter(isBusy).length).toBeGreaterThan(0);
    expect((await post(ada.browser, url, fields)).status).toBe(303);
  });

  describe('With all threads of Node.js held', () => {
    const folder = mkdtempSync(join(tmpdir(), 'held-pool-'));
    const fifo = join(folder, 'fifo');
    execFileSync('mkfifo', [fifo]);
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    const said = async (held: boolean): Promise<void> => {
      const signal = AbortSignal.timeout(20_000);
      for (;;) {
        const [message] = await once(server.process(), 'message', { signal });
        if (message.poolHeld === held) return;
      }
    };

    test('readiness is told and tokens of every form are introspected', async () => {
      const tokens: [resource: string, token: string][] = [];
      for (const resource of [OPAQUE, RS256, ES256]) {
        const client = await TestClient.register(server, resource);
        // One that was asked about before, so that everything is loaded, and one that was not.
        const known = await client.connect();
        await introspect(server, known.accessToken, asServer(EXCHANGER));
        tokens.push([resource, known.accessToken], [resource, (await client.connect()).accessToken]);
      }
      const held = said(true);
      server.process().send({ holdPool: fifo });
      await held;
      const free = said(false);
      let isFree = false;
      void free.then(() => {
        isFree = true;
      });
      try {
        expect((await request(`http://localhost:${server.port}/health/ready`)).status).toBe(200);
        for (const [resource, token] of tokens) {
          const { json } = await introspect(server, token, asServer(EXCHANGER));
          expect(json).toMatchObject({ active: true, aud: resource });
        }
        expect(isFree).toBe(false);
      } finally {
        const writer = await open(fifo, 'w');
        await free;
        await writer.close();
      }
    });
  });
});
