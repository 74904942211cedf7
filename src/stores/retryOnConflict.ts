/** Read, decide, commit; and from the start again when somebody else was faster. */
import { setTimeout as pause } from 'node:timers/promises';
import { ConflictError } from './durable.js';
import { StoreUnavailableError } from './stores.js';

const ROUNDS = 20;

/**
 * Runs an attempt again as long as its commit meets a ConflictError, at most 20 times.
 * @param attempt reads, decides and commits; it must read everything that it decides on itself
 * @returns what the attempt returns
 * @throws StoreUnavailableError when the last round met a conflict too: what it would have done is not known to be
 *   right or wrong, and may be tried again later; and whatever else the attempt throws
 */
export async function retryOnConflict<T>(attempt: () => Promise<T>): Promise<T> {
  for (let round = 1; ; round++) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
      if (round === ROUNDS)
        throw new StoreUnavailableError('Too many changes of the same record at once.', { cause: error });
      // Random, so that writers who collided once do not march in step; a pause also ends a store's read snapshot.
      await pause(Math.random() * 5 * round);
    }
  }
}
