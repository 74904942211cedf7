/** Clearing away what has expired, a little at a time so that neither requests nor other processes wait for it. */
import type { Database, Key } from 'lmdb';
import { expiredRange } from './keys.js';
import { type Expiring, type Tables, write } from './tables.js';

/** So many deletions, with their index entries, hold up the event loop and the write lock for a few milliseconds. */
export const PER_TRANSACTION = 100;

/**
 * Visits all entries whose time is over, in transactions of their own, and takes them away.
 * @param expiry the table of entries
 * @param clear takes away what the entries of a transaction point to; its time is over too, because each write moves both
 */
export async function sweepExpired(
  tables: Tables,
  expiry: Database<Expiring, Key>,
  clear: (expired: readonly Expiring[]) => void,
): Promise<void> {
  const now = Date.now();
  let visited: number;
  do {
    visited = await write(tables, () => {
      const entries = [...expiry.getRange({ ...expiredRange(now), limit: PER_TRANSACTION })];
      clear(entries.map(({ value }) => value));
      for (const { key } of entries) void expiry.remove(key);
      return entries.length;
    });
  } while (visited === PER_TRANSACTION);
}

/**
 * Takes away what a stretch of a table holds and whose time is over, in transactions of their own.
 * @param range where what is over stands together, and next to nothing else
 */
export async function sweepRange<V>(
  tables: Tables,
  table: Database<V, Key>,
  range: { readonly start?: Key; readonly end: Key },
  isOver: (value: V) => boolean,
): Promise<void> {
  let visited: Key[];
  let from: { start?: Key; exclusiveStart?: true } = range;
  do {
    visited = await write(tables, () => {
      const entries = [...table.getRange({ ...range, ...from, limit: PER_TRANSACTION })];
      for (const { key, value } of entries) if (isOver(value)) void table.remove(key);
      return entries.map(({ key }) => key);
    });
    const last = visited.at(-1);
    if (last !== undefined) from = { start: last, exclusiveStart: true };
  } while (visited.length === PER_TRANSACTION);
}
