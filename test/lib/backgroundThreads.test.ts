/** Threads for work that takes the processor for long. */
import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { hashPassword } from '../../src/accounts/passwords.js';
import { backgroundThreads, NICENESS } from '../../src/lib/backgroundThreads.js';
import { niceValues } from '../support/niceValues.js';

const SAMPLE = fileURLToPath(new URL('../support/sampleThread.mjs', import.meta.url));
const threads = () => backgroundThreads<string, number>(SAMPLE);

test('one idle thread does one job after the other, and two jobs at once have a thread each', async () => {
  const run = threads();
  const first = await run('work');
  expect(await run('work')).toBe(first);
  const both = await Promise.all([run('work'), run('work')]);
  expect(new Set(both).size).toBe(2);
  expect(both).toContain(first);
});

test('what a job throws is what its caller gets, and the thread goes on', async () => {
  const run = threads();
  const thread = await run('work');
  await expect(run('throw')).rejects.toThrow('thrown by the job');
  expect(await run('work')).toBe(thread);
});

test('a thread that ends fails its own job alone, and another takes its place', async () => {
  const run = threads();
  const [ended, other] = await Promise.allSettled([run('end'), run('work')]);
  expect(ended).toMatchObject({ status: 'rejected', reason: { message: 'A background thread ended (7).' } });
  expect(other.status).toBe('fulfilled');
  expect(await Promise.all([run('work'), run('work')])).toHaveLength(2);
});

test('a thread that ends while it is idle is not sent another job', async () => {
  const run = threads();
  const thread = await run('fail later');
  await sleep(200);
  expect(await run('work')).not.toBe(thread);
});

test('a process waits for its job and does not wait for idle threads', () => {
  const program =
    "import('./dist/accounts/passwords.js').then(({ hashPassword }) => hashPassword('a')).then(console.log)";
  const options = { encoding: 'utf8', timeout: 20_000 } as const;
  expect(execFileSync(process.execPath, ['--eval', program], options)).toMatch(/^\$argon2id\$/);
});

(process.platform === 'linux' ? test : test.skip)(
  'passwords are hashed at a low priority, the rest goes on as before',
  async () => {
    const before = niceValues(process.pid);
    await hashPassword('demo-password');
    const { main, others } = niceValues(process.pid);
    expect(main).toBe(before.main);
    expect(others).toContain(Math.min(19, main + NICENESS));
  },
);
