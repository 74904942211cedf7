/** How long a server's event loop was held by one turn; its process has to preload `loopWatch.mjs`. */
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { TestServer } from './server.js';

export const HELD_LOOP = fileURLToPath(new URL('./loopWatch.mjs', import.meta.url));

/**
 * Measures while something is done.
 * @returns the longest turn in milliseconds of work, and what the work returned
 */
export async function longestTurn<T>(server: TestServer, work: () => Promise<T>): Promise<{ ms: number; result: T }> {
  const child = server.process();
  child.send({ heldLoop: 'begin' });
  const result = await work();
  const answered = once(child, 'message', { signal: AbortSignal.timeout(20_000) });
  child.send({ heldLoop: 'end' });
  const [{ longestTurn: ms }] = (await answered) as [{ longestTurn: number }];
  return { ms, result };
}
