/** One page of a list, from the query of a request to its answer. */
import type { ListPlace } from '../stores/durable.js';
import { cursorTo, placeAt } from './cursor.js';

interface Asked {
  readonly limit: number;
  readonly cursor?: string;
}

/**
 * Reads a page.
 * @param list names the list, with everything that it is narrowed to
 * @param orderedBy what the first field holds by which the list is ordered
 * @param asked the query's `limit` and `cursor`
 * @param read reads so many records behind a place
 * @param shown what is answered of a record
 */
export async function page<T, R>(
  list: readonly (string | undefined)[],
  orderedBy: 'string' | 'number',
  { limit: size, cursor }: Asked,
  read: (page: { size: number; after?: ListPlace }) => Promise<{ records: readonly T[]; next?: ListPlace }>,
  shown: (record: T) => R | Promise<R>,
): Promise<{ items: R[]; nextCursor?: string }> {
  const name = JSON.stringify(list);
  const after = cursor === undefined ? undefined : placeAt(name, orderedBy, cursor);
  const { records, next } = await read({ size, ...(after && { after }) });
  return {
    items: await Promise.all(records.map(shown)),
    ...(next && { nextCursor: cursorTo(name, next) }),
  };
}
