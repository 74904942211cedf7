/** Reading a whole collection of the embedded store, also what no index lists. */
import type { Collection, Identified, Stored } from '../collection.js';
import { exists } from './entries.js';
import type { Tables } from './tables.js';

/** Where a collection's records stand: no byte of an encoded id is 0xff. */
export const rangeOf = ({ name }: Collection<Identified>) => ({ start: [name], end: [name, Uint8Array.of(0xff)] });

/** How many records a collection has, those included whose time is over. */
export const recordCount = (tables: Tables, collection: Collection<Identified>): number =>
  tables.records.getKeysCount(rangeOf(collection));

/** The records of a collection whose time is not over, in the order of their ids. */
export function* everyRecord(
  tables: Tables,
  collection: Collection<Identified>,
): Generator<Stored<Identified>, void, undefined> {
  const now = Date.now();
  for (const { value } of tables.records.getRange(rangeOf(collection))) if (exists(collection, value, now)) yield value;
}
