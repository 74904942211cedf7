/** The entries beside a record by which `list` and `sweep` find it: one for each index it is in, one for its expiry. */
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
  for (const [name, { fields }] of Object.entries(collection.indexes)) {
    if (before && after && fields.every((field) => before[field] === after[field])) continue;
    const [oldKey, newKey] = [indexKeyOf(collection, name, before), indexKeyOf(collection, name, after)];
    if (oldKey) void tables.indexes.remove(oldKey);
    if (newKey) void tables.indexes.put(newKey, id);
  }
  if (collection.livesAtMost === undefined) moveExpiry(tables, collection, id, before, after);
  const key = recordKey(collection.name, id);
  void (after ? tables.records.put(key, after) : tables.records.remove(key));
}

function moveExpiry(
  { recordExpiry }: Tables,
  collection: Collection<Identified>,
  id: string,
  before: StoredRecord | undefined,
  after: StoredRecord | undefined,
): void {
  const [oldEnd, newEnd] = [before && keptUntilOf(collection, before), after && keptUntilOf(collection, after)];
  if (oldEnd === newEnd) return;
  if (oldEnd !== undefined) void recordExpiry.remove(expiryKey(oldEnd, collection.name, id));
  if (newEnd !== undefined) void recordExpiry.put(expiryKey(newEnd, collection.name, id), [collection.name, id]);
}

function keptUntilOf(collection: Collection<Identified>, record: StoredRecord): number | undefined {
  const keptUntil = collection.keptUntil && record[collection.keptUntil];
  return typeof keptUntil === 'number' ? keptUntil : undefined;
}

/** Where a record's entry in an index stands; undefined when there is no record, or it is not in that index. */
export function indexKeyOf(collection: Collection<Identified>, name: string, record: StoredRecord | undefined) {
  const values = record && valuesIn(indexOf(collection, name), record);
  return record && values && indexKey(collection.name, name, values, record.id);
}
