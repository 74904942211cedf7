/** Reading along an index, lazily: a caller that stops early has read no more than it took. */
import type { Collection, Identified, IndexValue } from '../collection.js';
import type { ListOptions } from '../durable.js';
import { exists, indexOf, valuesIn } from './entries.js';
import { expiredRange, indexKey, indexRange, recordKey } from './keys.js';
import type { StoredRecord, Tables } from './tables.js';

/**
 * The existing records whose index begins with these values, in the order of the index.
 * Inside a write transaction it sees that transaction; do not write between two steps.
 */
export function* scan(
  tables: Tables,
  collection: Collection<Identified>,
  index: string,
  key: readonly IndexValue[],
  { reverse = false, after }: Pick<ListOptions, 'reverse' | 'after'> = {},
): Generator<StoredRecord, void, undefined> {
  const now = Date.now();
  const { start, end } = indexRange(collection.name, index, key, indexOf(collection, index).fields.length);
  const place = after && indexKey(collection.name, index, [...key, ...after.values], after.id);
  const [first, last] = reverse ? [end, start] : [start, end];
  const from = place ? { start: place, exclusiveStart: true } : { start: first };
  const entries = tables.indexes.getRange({ ...from, end: last, reverse });
  for (const { value: id } of entries) {
    const record = tables.records.get(recordKey(collection.name, id));
    if (record && exists(collection, record, now)) yield record;
  }
}

/**
 * How many records `scan` would yield, without reading them: the entries of the index, less those whose records have
 * expired and are not swept away yet.
 */
export function countEntries(
  tables: Tables,
  collection: Collection<Identified>,
  index: string,
  key: readonly IndexValue[],
): number {
  const declared = indexOf(collection, index);
  const range = indexRange(collection.name, index, key, declared.fields.length);
  let count = tables.indexes.getKeysCount(range);
  if (collection.keptUntil === undefined || count === 0) return count;
  for (const { value } of tables.recordExpiry.getRange(expiredRange(Date.now()))) {
    const [owner, id] = value;
    const record = owner === collection.name ? tables.records.get(recordKey(owner, id)) : undefined;
    const values = record && valuesIn(declared, record);
    if (values && key.every((one, position) => values[position] === one)) count -= 1;
  }
  return count;
}
