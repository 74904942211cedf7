/** A page of a long list: reads along an index until enough records match. */
import type { Collection, Identified, IndexValue, Stored } from './collection.js';
import type { DurableStore, ListPlace } from './durable.js';

/** Read at once, and read at most for one page: a filter that matches next to nothing must not read a whole collection. */
const BATCH = 200;
const MOST = 2_000;

export interface Listing<T extends Identified, I extends string> {
  readonly collection: Collection<T, I>;
  readonly index: I;
  readonly key: readonly IndexValue[];
  /** Which records count; all of them by default. One that is as good as gone is undefined: looking at it does not count either. */
  readonly matches?: (record: Stored<T>) => boolean | undefined | Promise<boolean | undefined>;
}

export interface MatchingPage<T> {
  readonly records: Stored<T>[];
  /** Where the next page goes on; undefined at the end. The next page can turn out to be empty. */
  readonly next?: ListPlace;
}

/**
 * Reads one page, highest index values first unless told otherwise.
 * @param durable the durable store
 * @param listing what is listed
 * @param options `size`: how many records a page has at most; `after`: the `next` of the page before; `reverse`: false
 *   for lowest values first
 */
export async function matchingPage<T extends Identified, I extends string>(
  durable: DurableStore,
  { collection, index, key, matches = () => true }: Listing<T, I>,
  { size, after, reverse = true }: { size: number; after?: ListPlace | undefined; reverse?: boolean },
): Promise<MatchingPage<T>> {
  const place = ({ id, ...record }: Stored<T>): ListPlace => ({
    id,
    values: collection.indexes[index].fields
      .slice(key.length)
      .map((field) => (field === 'id' ? id : (record as Record<string, unknown>)[field]) as IndexValue),
  });
  const records: Stored<T>[] = [];
  let read = 0;
  let at = after;
  // The first time no more than what a page needs; when some of it does not match, few may.
  for (let limit = Math.min(BATCH, size + 1); read < MOST; limit = BATCH) {
    const batch = await durable.list(collection, index, key, { limit, reverse, ...(at && { after: at }) });
    // Side by side, since what decides may have to be asked of a store over the network.
    const matching = await Promise.all(batch.map(matches));
    for (const [position, record] of batch.entries()) {
      if (!matching[position]) continue;
      const last = records.at(-1);
      if (records.length === size && last) return { records, next: place(last) };
      records.push(record);
    }
    const last = batch.at(-1);
    if (batch.length < limit || !last) return { records };
    read += matching.filter((one) => one !== undefined).length;
    at = place(last);
  }
  return { records, ...(at && { next: at }) };
}
