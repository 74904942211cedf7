/** The server's heap does not grow to many times what is alive in it, however much memory the machine has. */
import { execFile } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';

/** Keeps some objects for good, makes many more that live long enough to get old, and prints how far the heap grew. */
const PROGRAM = `
  const { boundGarbage } = await import(${JSON.stringify(pathToFileURL('dist/start/heap.js').href)});
  boundGarbage();
  const make = () => ({ a: Math.random(), b: [Math.random(), Math.random()] });
  const forGood = Array.from({ length: 400_000 }, make);
  globalThis.gc();
  const alive = process.memoryUsage().heapUsed;
  const forAWhile = new Array(200_000);
  let most = 0;
  for (let n = 0; n < 12_000_000; n++) {
    forAWhile[n % forAWhile.length] = make();
    if (n % 20_000 === 0) most = Math.max(most, process.memoryUsage().heapUsed);
  }
  console.log(forGood.length === 400_000 ? most / alive : NaN);
`;

test('garbage that got old is collected when the heap is about twice what is alive, and V8 knows the flag', async () => {
  const args = ['--expose-gc', '--input-type=module', '--eval', PROGRAM];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args);
  expect(stderr).toBe('');
  // Half as much as is kept for good lives for a while, and the young part of the heap comes on top.
  expect(Number(stdout)).toBeGreaterThan(1);
  expect(Number(stdout)).toBeLessThan(4.5);
}, 60_000);
