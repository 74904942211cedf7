/** Filters that find records: those that exist, those of a stretch of an index. */
import type { Filter } from 'mongodb';
import type { Collection, Identified, IndexValue } from '../collection.js';
import type { ListPlace } from '../durable.js';
import { liftedName, type RecordDocument } from './documents.js';
import { indexOf, orderOf } from './indexes.js';

/** Matches what exists at a moment (milliseconds since 1970); the TTL monitor removes the rest some time later. */
export const existing = (collection: Collection<Identified>, now: number): Filter<RecordDocument> =>
  collection.keptUntil === undefined ? {} : { keptUntil: { $not: { $lte: new Date(now) } } };

/** Matches the records of an index that begin with these values there and exist at this moment. */
export function under(
  collection: Collection<Identified>,
  name: string,
  key: readonly IndexValue[],
  now: number,
): Filter<RecordDocument> {
  const { fields } = indexOf(collection, name);
  if (key.length > fields.length) throw new Error(`The index "${name}" of "${collection.name}" has fewer fields.`);
  // A record that lacks one of the fields is not in the index; saying so also lets MongoDB use a partial index.
  const all = fields.map((field, n) => [liftedName(field), n < key.length ? key[n] : { $exists: true }] as const);
  return { ...Object.fromEntries(all), ...existing(collection, now) };
}

/**
 * Matches the records behind a place in the order of an index; to be laid over what `under` gives for the same key.
 * @param reverse whether the order goes down
 */
export function behind(
  collection: Collection<Identified>,
  name: string,
  key: readonly IndexValue[],
  { values, id }: ListPlace,
  reverse: boolean,
): Filter<RecordDocument> {
  const index = indexOf(collection, name);
  const place = orderOf(index)
    .slice(key.length)
    .map((field, n) => [field, n < values.length ? values[n] : id] as const);
  const [first] = place;
  // Behind the place in one field, and at the place in all fields before it.
  const $or = place.map(([field, value], n) => ({
    ...Object.fromEntries(place.slice(0, n)),
    [field]: { [reverse ? '$lt' : '$gt']: value },
  }));
  // The $or alone would be checked for each record from the beginning of the stretch; this is where the scan begins.
  return { $or, ...(first ? { [first[0]]: { [reverse ? '$lte' : '$gte']: first[1] } } : {}) };
}
