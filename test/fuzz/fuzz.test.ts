/** Malformed requests at every endpoint and form: none is answered with 5xx, and nothing of them stays in memory. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { anonymousMemory } from '../support/anonymousMemory.js';
import { counts, longest } from '../support/counts.js';
import { startServer, type TestServer } from '../support/server.js';
import { fuzz } from './fuzz.js';

const MOST_GROWTH = 50 * 1_048_576;
/** Printed; set it to send the same again. */
const seed = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 30));
const requests = Number(process.env.FUZZ_REQUESTS ?? counts.fuzzRequests);

let server: TestServer;
beforeAll(async () => {
  const often = { events: 10_000_000, seconds: 1 };
  const config = JSON.parse(readFileSync('config/default.json', 'utf8'));
  // Otherwise most answers would be 429.
  const rates = Object.fromEntries(
    [
      'signInPerAccountAndAddress',
      'signInPerAddress',
      'signInPerAccount',
      'registrationPerAddress',
      'registrationInAll',
      'tokenPerClientAndAddress',
      'consentPerAccount',
    ].map((name) => [name, often]),
  );
  // Mail is tried and fails, which is noted and nothing else.
  const env = { LOG_LEVEL: 'error', SMTP_URL: 'smtp://127.0.0.1:1?from=login@auth.test' };
  server = await startServer({ config: { ...config, limits: { rates } }, env });
});
afterAll(() => server?.stop());

test(
  `${requests} malformed requests`,
  async () => {
    const memory = () => anonymousMemory(server.process().pid ?? 0);
    let warm = 0;
    let most = 0;
    const fuzzed = await fuzz(server, requests, seed, (sent) => {
      const now = memory();
      if (warm === 0 && sent >= requests / 10) warm = now;
      most = Math.max(most, now);
      if (process.env.LONG === '1' && sent % 10_000 === 0) process.stdout.write(`${sent} sent, ${now >> 20} MB\n`);
    });
    if (process.env.LONG === '1')
      process.stdout.write(
        `seed ${seed}, ${warm >> 20} MB when warm, ${most >> 20} MB at most: ${JSON.stringify([...fuzzed.statuses])}\n`,
      );
    expect({ seed, wrong: fuzzed.wrong }).toEqual({ seed, wrong: [] });
    expect(
      server
        .output()
        .split('\n')
        .filter((line) => /"level":[56]0/.test(line) && !line.includes('mail failed')),
    ).toEqual([]);
    // A short run sees the heap fill for the first time, which says nothing.
    if (requests >= 100_000) expect(memory() - warm).toBeLessThan(MOST_GROWTH);
    for (const status of [200, 303, 400, 401, 403, 404, 415]) expect(fuzzed.statuses.get(status)).toBeGreaterThan(0);
  },
  longest,
);
