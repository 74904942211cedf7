/** Reading a whole collection of the embedded store, also what no index lists. */
import type { Collection, Identified, Stored } from '../collection.js';
import { exists } from './entries.js';
import type { Tables } from './tables.js';

/** The records of a collection whose time is not over, in the order of their ids. */
export function* everyRecord(
  tables: Tables,
  collection: Collection<Identified>,
): Generator<Stored<Identified>, void, undefined> {
  const now = Date.now();
  // No byte of an encoded id is 0xff.
  const range = { start: [collection.name], end: [collection.name, Uint8Array.of(0xff)] };
  for (const { value } of tables.records.getRange(range)) if (exists(collection, value, now)) yield value;
}
