/** The entries beside a record by which `list` and `sweep` find it: one for each index it is in, one for its expiry. */
import type { Key } from 'lmdb';
import type { Collection, Identified, Index, IndexValue } from '../collection.js';
import { expiryKey, indexKey, recordKey } from './keys.js';
import type { StoredRecord, Tables } from './tables.js';

/** Whether a record exists at this moment (milliseconds since 1970): it was read and its time is not over. */
export function exists(collection: Collection<Identified>, record: StoredRecord | undefined, now: number) {
  if (record === undefined) return false;
  const keptUntil = keptUntilOf(collection, record);
  return keptUntil === undefined || keptUntil > now;
}

/** The values of a record in an index, or undefined when it is not in that index. */
export function valuesIn(index: Index<Identified>, record: StoredRecord): readonly IndexValue[] | undefined {
  const values = index.fields.map((field) => record[field]);
  return values.every((value) => typeof value === 'string' || typeof value === 'number') ? values : undefined;
}

/** An index of a collection by its name. */
export function indexOf(collection: Collection<Identified>, name: string): Index<Identified> {
  const index = collection.indexes[name];
  if (!index) throw new Error(`"${collection.name}" declares no index "${name}".`);
  return index;
}

/** Writes a record and moves its entries; without a new one, takes the old one and its entries away. */
export function writeRecord(
  tables: Tables,
  collection: Collection<Identified>,
  before: StoredRecord | undefined,
  after: StoredRecord | undefined,
): void {
  const id = (after ?? before)?.id;
  if (id === undefined) return;
  for (const name of Object.keys(collection.indexes)) {
    const [oldKey, newKey] = [indexKeyOf(collection, name, before), indexKeyOf(collection, name, after)];
    if (same(oldKey, newKey)) continue;
    if (oldKey) void tables.indexes.remove(oldKey);
    if (newKey) void tables.indexes.put(newKey, id);
  }
  const [oldKey, newKey] = [expiryKeyOf(collection, before), expiryKeyOf(collection, after)];
  if (!same(oldKey, newKey)) {
    if (oldKey) void tables.recordExpiry.remove(oldKey);
    if (newKey) void tables.recordExpiry.put(newKey, [collection.name, id]);
  }
  const key = recordKey(collection.name, id);
  void (after ? tables.records.put(key, after) : tables.records.remove(key));
}

function keptUntilOf(collection: Collection<Identified>, record: StoredRecord): number | undefined {
  const keptUntil = collection.keptUntil && record[collection.keptUntil];
  return typeof keptUntil === 'number' ? keptUntil : undefined;
}

function indexKeyOf(collection: Collection<Identified>, name: string, record: StoredRecord | undefined) {
  const values = record && valuesIn(indexOf(collection, name), record);
  return record && values && indexKey(collection.name, name, values, record.id);
}

function expiryKeyOf(collection: Collection<Identified>, record: StoredRecord | undefined): Key | undefined {
  const keptUntil = record && keptUntilOf(collection, record);
  return keptUntil === undefined ? undefined : expiryKey(keptUntil, collection.name, record?.id ?? '');
}

const same = (one: Key | undefined, other: Key | undefined): boolean => JSON.stringify(one) === JSON.stringify(other);
