/** A server that ends with SIGKILL right before or after a chosen write. */
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { TestServer } from './server.js';

/** To be preloaded into the server. */
export const CRASH = fileURLToPath(new URL('./crash.mjs', import.meta.url));

/** A moment in the handling of a request: right before or right after its n-th write to a store. */
export interface CrashPoint {
  readonly write: number;
  readonly when: 'before' | 'after';
}

async function ask(server: TestServer, message: object): Promise<unknown> {
  const child = server.process();
  const answered = once(child, 'message', { signal: AbortSignal.timeout(20_000) });
  child.send(message);
  return (await answered)[0];
}

/**
 * Counts the writes of a request.
 * @param act sends the request
 */
export async function writesOf(server: TestServer, act: () => Promise<unknown>): Promise<number> {
  await ask(server, { countWrites: true });
  await act();
  const { writes } = (await ask(server, { countWrites: true })) as { writes: number };
  return writes;
}

/** Lets so many commits to come fail as if somebody else had been faster; 0 ends that. */
export async function conflictsAt(server: TestServer, conflicts: number): Promise<void> {
  await ask(server, { conflicts });
}

/** Lets the n-th write to come, and no other, fail as if the store did not answer. */
export async function awayAt(server: TestServer, write: number): Promise<void> {
  await ask(server, { away: write });
}

/** Lets the n-th write to come be made, and then fail as if its answer was lost. */
export async function unansweredAt(server: TestServer, write: number): Promise<void> {
  await ask(server, { unanswered: write });
}

/**
 * Lets the server die in the middle of a request and starts it again.
 * @param act sends the request
 * @throws when the request was answered
 */
export async function crashAt(server: TestServer, point: CrashPoint, act: () => Promise<unknown>): Promise<void> {
  await ask(server, { crash: point });
  const exited = once(server.process(), 'exit');
  const answered = await act().then(
    () => true,
    () => false,
  );
  if (answered) throw new Error(`The request was answered before the server died ${point.when} write ${point.write}.`);
  await exited;
  await server.restart();
}

/**
 * The moments to try.
 * @param writes how many writes the request makes
 * @param every both sides of each write; otherwise the end of one write stands for the beginning of the next
 */
export const crashPoints = (writes: number, every: boolean): CrashPoint[] =>
  Array.from({ length: writes }, (_, n) => n + 1).flatMap((write): CrashPoint[] =>
    every || write === 1
      ? [
          { write, when: 'before' },
          { write, when: 'after' },
        ]
      : [{ write, when: 'after' }],
  );
