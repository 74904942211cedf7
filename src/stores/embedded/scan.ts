/** Reading along an index, lazily: a caller that stops early has read no more than it took. */
import type { Key } from 'lmdb';
import { giveWay, turnIsOver } from '../../turns.js';
import type { Collection, Identified, IndexValue } from '../collection.js';
import type { ListOptions } from '../durable.js';
import { exists, indexOf, valuesIn } from './entries.js';
import { expiredRange, indexKey, indexRange, recordKey } from './keys.js';
import type { StoredRecord, Tables } from './tables.js';

/** An entry of an index. */
interface Entry {
  /** Where it stands; another range can go on behind it. */
  readonly at: Key;
  /** Undefined when the time of the record is over. */
  readonly record: StoredRecord | undefined;
}

interface Direction {
  readonly reverse?: boolean;
  /** Only the entries behind this one. */
  readonly behind?: Key | undefined;
}

/**
 * The entries of an index that begin with these values, in its order.
 * Inside a write transaction it sees that transaction; do not write between two steps.
 */
function* entriesUnder(
  tables: Tables,
  collection: Collection<Identified>,
  index: string,
  key: readonly IndexValue[],
  { reverse = false, behind }: Direction = {},
): Generator<Entry, void, undefined> {
  const now = Date.now();
  const { start, end } = indexRange(collection.name, index, key, indexOf(collection, index).fields.length);
  const [first, last] = reverse ? [end, start] : [start, end];
  const from = behind === undefined ? { start: first } : { start: behind, exclusiveStart: true };
  for (const { key: at, value: id } of tables.indexes.getRange({ ...from, end: last, reverse })) {
    const record = tables.records.get(recordKey(collection.name, id));
    yield { at, record: record && exists(collection, record, now) ? record : undefined };
  }
}

/** The existing records whose index begins with these values, all in this turn: within a write transaction. */
export function* scan(
  tables: Tables,
  collection: Collection<Identified>,
  index: string,
  key: readonly IndexValue[],
): Generator<StoredRecord, void, undefined> {
  for (const { record } of entriesUnder(tables, collection, index, key)) if (record) yield record;
}

/**
 * The existing records whose index begins with these values, in the order of the index; gives way after each step. What is
 * written meanwhile may be among them or not.
 */
export async function scanInSteps(
  tables: Tables,
  collection: Collection<Identified>,
  index: string,
  key: readonly IndexValue[],
  { limit = Number.POSITIVE_INFINITY, reverse = false, after }: ListOptions,
): Promise<StoredRecord[]> {
  const found: StoredRecord[] = [];
  let behind = after && indexKey(collection.name, index, [...key, ...after.values], after.id);
  const step = (): boolean => {
    for (const { at, record } of entriesUnder(tables, collection, index, key, { reverse, behind })) {
      behind = at;
      if (record) found.push(record);
      if (found.length >= limit) return true;
      if (turnIsOver()) return false;
    }
    return true;
  };
  if (limit <= 0) return found;
  do await giveWay();
  while (!step());
  return found;
}

/** So many keys take less than a millisecond. */
const KEYS_AT_ONCE = 2_000;

/**
 * How many keys a stretch of a table has; LMDB knows no sums. Gives way after each step.
 * @param most where counting may end
 */
export async function countKeys(
  table: Pick<Tables['records'], 'getKeys'>,
  { start, end }: { readonly start: Key; readonly end: Key },
  most = Number.POSITIVE_INFINITY,
): Promise<number> {
  let count = 0;
  let from: { start: Key; exclusiveStart?: true } = { start };
  for (;;) {
    await giveWay();
    const keys = Array.from(table.getKeys({ ...from, end, limit: KEYS_AT_ONCE }));
    count += keys.length;
    const last = keys.at(-1);
    if (keys.length < KEYS_AT_ONCE || last === undefined || count >= most) return Math.min(count, most);
    from = { start: last, exclusiveStart: true };
  }
}

/**
 * How many records `scanInSteps` would give, without reading them: the entries of the index, less those whose records
 * have expired and are not swept away yet.
 * @param most where counting may end
 */
export async function countEntries(
  tables: Tables,
  collection: Collection<Identified>,
  index: string,
  key: readonly IndexValue[],
  most = Number.POSITIVE_INFINITY,
): Promise<number> {
  const declared = indexOf(collection, index);
  const expired = collection.keptUntil === undefined ? 0 : await countExpired(tables, collection, index, key);
  const range = indexRange(collection.name, index, key, declared.fields.length);
  return Math.max(0, (await countKeys(tables.indexes, range, most + expired)) - expired);
}

async function countExpired(
  tables: Tables,
  collection: Collection<Identified>,
  index: string,
  key: readonly IndexValue[],
): Promise<number> {
  const declared = indexOf(collection, index);
  const { end } = expiredRange(Date.now());
  let count = 0;
  let from: { start?: Key; exclusiveStart?: true } = {};
  const step = (): boolean => {
    for (const { key: at, value } of tables.recordExpiry.getRange({ ...from, end })) {
      from = { start: at, exclusiveStart: true };
      const [owner, id] = value;
      const record = owner === collection.name ? tables.records.get(recordKey(owner, id)) : undefined;
      const values = record && valuesIn(declared, record);
      if (values && key.every((one, position) => values[position] === one)) count += 1;
      if (turnIsOver()) return false;
    }
    return true;
  };
  do await giveWay();
  while (!step());
  return count;
}
