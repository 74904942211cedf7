/** Where a list goes on, as text that means nothing to the caller. */
import { z } from 'zod';
import type { ListPlace } from '../stores/durable.js';
import { UnfitRequestError } from './problems.js';

const Cursor = z.tuple([z.string(), z.array(z.union([z.string(), z.number()])).length(1), z.string()]);

/**
 * The cursor to a place.
 * @param list names the list, with everything that it was narrowed to
 * @param place where it goes on; of an index with one more field than the list's key
 */
export const cursorTo = (list: string, { values, id }: ListPlace): string =>
  Buffer.from(JSON.stringify([list, values, id])).toString('base64url');

/**
 * The place that a cursor means.
 * @param list as when the cursor was made
 * @param sample what the index's field holds there
 * @throws UnfitRequestError for a cursor of another list, or that is none
 */
export function placeAt(list: string, sample: 'string' | 'number', cursor: string): ListPlace {
  const parsed = Cursor.safeParse(json(cursor)).data;
  const [of, values, id] = parsed ?? [];
  if (of !== list || !values || id === undefined || typeof values[0] !== sample)
    throw new UnfitRequestError([
      { pointer: 'cursor', detail: 'This is no cursor of this list; leave it out to begin anew.' },
    ]);
  return { values, id };
}

function json(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}
