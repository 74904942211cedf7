/** Starts the programs of this folder. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

export type Child = ChildProcessByStdio<Writable, Readable, null>;

/** The path of a program in this folder. */
const programPath = (name: string): string => new URL(`./${name}.mjs`, import.meta.url).pathname;

/** Starts a program; its errors go to the test's own standard error. */
export const start = (name: string, ...args: string[]): Child => startUnder([], name, ...args);

/** Starts a program by way of another command, e.g. `strace`. */
export const startUnder = (command: readonly string[], name: string, ...args: string[]): Child => {
  const [file = process.execPath, ...before] = [...command, process.execPath];
  return spawn(file, [...before, programPath(name), ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
};

/** Runs a program to its end and returns what it printed. */
export async function run(name: string, ...args: string[]): Promise<string> {
  const child = start(name, ...args);
  const [printed, [code]] = await Promise.all([child.stdout.toArray(), once(child, 'close')]);
  if (code !== 0) throw new Error(`${name} ended with ${code}.`);
  return printed.join('');
}

/** A way to send a program one line and wait for its answer; the first answer is its greeting. */
export async function conversation(child: Child): Promise<(line: string) => Promise<string>> {
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  await answers.next();
  return async (line) => {
    child.stdin.write(`${line}\n`);
    return String((await answers.next()).value);
  };
}
