/** Stores that are new for each test and gone after it. */
import { afterEach, beforeEach } from '@jest/globals';
import type { Stores } from '../../../src/stores/stores.js';
import type { OpenedStores, OpenStores } from './fixtures.js';

/**
 * @param open opens empty stores
 * @returns a way to the running test's stores, and to the same after closing and opening
 */
export function newStoresForEachTest(open: OpenStores) {
  let opened: OpenedStores | undefined;
  beforeEach(async () => {
    opened = await open();
  });
  afterEach(async () => {
    await opened?.close();
  });
  const current = (): OpenedStores => {
    if (!opened) throw new Error('Stores are open only within a test.');
    return opened;
  };
  return {
    durable: () => current().stores.durable,
    volatile: () => current().stores.volatile,
    stores: () => current().stores,
    reopen: (): Promise<Stores> => current().reopen(),
  };
}

/** Runs a function as if it were that many milliseconds later. */
export async function later<T>(milliseconds: number, run: () => Promise<T>): Promise<T> {
  const { now } = Date;
  Date.now = () => now() + milliseconds;
  try {
    return await run();
  } finally {
    Date.now = now;
  }
}
