/** How long a store takes to come back. */
import { setTimeout as sleep } from 'node:timers/promises';
import { StoreUnavailableError } from '../../src/stores/stores.js';

const GIVEN_UP_AFTER_MS = 20_000;

/**
 * Tries again and again until something that needs a store works.
 * @returns after how many milliseconds it did
 * @throws any error other than StoreUnavailableError, and that one after 20 s
 */
export async function untilItAnswers(attempt: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  for (;;) {
    try {
      await attempt();
      return performance.now() - started;
    } catch (error) {
      if (!(error instanceof StoreUnavailableError) || performance.now() - started > GIVEN_UP_AFTER_MS) throw error;
    }
    await sleep(50);
  }
}

/** Waits until something fails because a store is away; a cluster takes a while to notice. */
export async function untilItFails(attempt: () => Promise<unknown>): Promise<void> {
  const started = performance.now();
  for (;;) {
    try {
      await attempt();
    } catch (error) {
      if (error instanceof StoreUnavailableError) return;
      throw error;
    }
    if (performance.now() - started > GIVEN_UP_AFTER_MS) throw new Error('It goes on answering.');
    await sleep(50);
  }
}
