/** What a running server does by itself: cleaning up, finishing removals of many, and looking for signing keys. */
import type { Logger } from 'pino';
import { LOOK_EVERY_MS } from '../oauth/signingKeys.js';
import { FINISH_EVERY_MS, finishRemovals } from '../organizations/finishRemovals.js';
import { regularly } from '../regularly.js';
import type { Stores } from '../stores/stores.js';
import { SWEEP_EVERY_MS, sweep } from '../stores/sweep.js';
import type { Service } from './assemble.js';

/**
 * Starts the chores. SIGHUP has signing keys looked for at once.
 * @returns a function that ends them
 */
export function startChores({ lookForKeys }: Service, stores: Stores, log: Logger): () => void {
  const stopSweeping = regularly(SWEEP_EVERY_MS, log, 'sweep', () => sweep(stores));
  let stopping = false;
  const stopFinishing = regularly(FINISH_EVERY_MS, log, 'finish removals', () =>
    finishRemovals(stores.durable, () => stopping),
  );
  const stopLooking = regularly(LOOK_EVERY_MS, log, 'look for signing keys', lookForKeys);
  process.on('SIGHUP', () => {
    lookForKeys().catch((err: unknown) => log.warn({ err }, 'look for signing keys failed'));
  });
  return () => {
    stopping = true;
    stopSweeping();
    stopFinishing();
    stopLooking();
  };
}
