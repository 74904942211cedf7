/** Starts the programs of this folder, and stops those that a failed test has left running. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

export type Child = ChildProcessByStdio<Writable, Readable, null>;

const programPath = (name: string): string => new URL(`./${name}.mjs`, import.meta.url).pathname;

/** A set of running programs; their errors go to the test's own standard error. */
export function startedPrograms() {
  const running = new Set<Child>();

  /** Starts a program by way of another command, e.g. `strace`. */
  const startUnder = (command: readonly string[], name: string, ...args: string[]): Child => {
    const [file = process.execPath, ...before] = [...command, process.execPath];
    const child = spawn(file, [...before, programPath(name), ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
    running.add(child);
    child.once('close', () => running.delete(child));
    return child;
  };
  const start = (name: string, ...args: string[]): Child => startUnder([], name, ...args);

  return {
    startUnder,
    start,

    /** Kills what still runs. */
    async stop(): Promise<void> {
      await Promise.all(
        [...running].map((child) => {
          const closed = once(child, 'close');
          child.kill('SIGKILL');
          return closed;
        }),
      );
    },
  };
}

/** A way to send a program one line and wait for its answer; the first answer is its greeting. */
export async function conversation(child: Child): Promise<(line: string) => Promise<string>> {
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  await answers.next();
  return async (line) => {
    child.stdin.write(`${line}\n`);
    const answer = await answers.next();
    if (answer.done) throw new Error(`The program ended instead of answering "${line}".`);
    return answer.value;
  };
}
