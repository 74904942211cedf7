/** Clean-up of what has expired; reads never depend on it. */
import type { Stores } from './stores.js';

/** How often a server cleans up (milliseconds). */
export const SWEEP_EVERY_MS = 60_000;

/** Sweeps both stores. */
export async function sweep(stores: Stores): Promise<void> {
  await Promise.all([stores.durable.sweep(), stores.volatile.sweep()]);
}
