/** The benchmark notices other load, and then prints no ratio. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from '@jest/globals';
import { watch } from '../../scripts/bench/compare/disturbance.js';
import { drift } from '../../scripts/bench/compare/rounds.js';
import { table } from '../../scripts/bench/compare/table.js';
import type { Measured } from '../../scripts/bench/compare/turn.js';

/** Keeps a processor busy until it is ended. */
async function busyProcess() {
  const child = spawn(process.execPath, ['-e', 'console.log(1); for (;;);'], { stdio: ['ignore', 'pipe', 'ignore'] });
  await once(child.stdout, 'data');
  return { pid: child.pid ?? 0, end: () => child.kill('SIGKILL') };
}

/** Until the kernel has counted so many milliseconds of a process, so that a slow machine changes nothing. */
async function used(pid: number, ms: number): Promise<void> {
  const end = watch([pid]);
  while ((end(0).used.get(pid) ?? 0) < ms) await new Promise((resolve) => setTimeout(resolve, 20));
}

const linux = process.platform === 'linux';
const onLinux = (title: string, run: () => Promise<void>): void =>
  (linux ? test : test.skip)(linux ? title : `${title} (skipped: only Linux has /proc)`, run);

onLinux('a measurement during which another program used the processor is disturbed', async () => {
  const other = await busyProcess();
  const end = watch([]);
  await used(other.pid, 300);
  expect(end(0).disturbed).toBe(true);
  other.end();
});

onLinux('what the measured processes use is counted as theirs', async () => {
  const server = await busyProcess();
  const end = watch([server.pid]);
  await used(server.pid, 300);
  expect(end(0).used.get(server.pid)).toBeGreaterThanOrEqual(300);
  server.end();
});

const measured: Measured = { perSecond: 1_000, p50: 1, p99: 2, processorTime: 10, busy: 1, memory: 50 };
const compared = {
  heading: 'introspection',
  measured: new Map([
    ['ours', [measured]],
    ['bare', [{ ...measured, perSecond: 4_000, processorTime: 5 }]],
  ]),
  against: ['bare'],
  rounds: 1,
};

test('without enough undisturbed rounds the table says so in place of every ratio', () => {
  const printed = (complete: boolean): string => [table({ ...compared, complete }).text].flat().join('\n');
  expect(printed(true)).toContain('| 0.25 | 2.00 |');
  const disturbed = printed(false);
  expect(disturbed).toContain('| disturbed | disturbed |');
  expect(disturbed).toContain('Other load disturbed too many rounds');
  expect(disturbed).not.toContain('0.25');
});

test('ratios are those of each round, so that a machine that is slower in one of them changes none', () => {
  const rounds = (perSecond: readonly number[]) => perSecond.map((each) => ({ ...measured, perSecond: each }));
  const { text } = table({
    ...compared,
    complete: true,
    measured: new Map([
      ['ours', rounds([800, 400, 810])],
      ['bare', rounds([1_000, 500, 900])],
    ]),
    rounds: 3,
  });
  expect([text].flat().join('\n')).toMatch(/\| ours \| 800 \|.*\| 0\.80 \|/);
});

test('a machine that got slower or faster by itself is seen in the processor time of the same work', () => {
  const slower = { ...measured, processorTime: 12 };
  expect(drift(measured, slower)).toBeCloseTo(0.2);
  expect(drift(slower, measured)).toBeCloseTo(0.2);
  expect(drift(measured, measured)).toBe(0);
});
