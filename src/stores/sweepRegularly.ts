/** Clean-up of what has expired, now and then; reads never depend on it. */
import type { Logger } from 'pino';
import type { Stores } from './stores.js';

const EVERY_MS = 60_000;

/**
 * Sweeps both stores every minute.
 * @returns a function that ends it
 */
export function sweepRegularly(stores: Stores, log: Logger): () => void {
  const timer = setInterval(() => {
    Promise.all([stores.durable.sweep(), stores.volatile.sweep()]).catch((err) => log.warn({ err }, 'sweep failed'));
  }, EVERY_MS).unref();
  return () => clearInterval(timer);
}
