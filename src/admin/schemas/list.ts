/** Lists of the Admin API: a page at a time, each with a cursor to the next. */
import { z } from 'zod';
import { named } from './named.js';

/** The query parameters of every list. */
export const paging = {
  limit: z.coerce.number().int().min(1).max(200).default(50).describe('How many items a page has at most.'),
  cursor: z
    .string()
    .min(1)
    .max(2_000)
    .exactOptional()
    .describe('The `nextCursor` of the page before, with the same other parameters.'),
};

/**
 * A page of a list.
 * @param id its name in the OpenAPI document
 * @param item what it lists
 */
export const listOf = <T extends z.ZodType>(id: string, item: T) =>
  named(
    id,
    z.strictObject({
      items: z.array(item),
      nextCursor: z.string().exactOptional().describe('Where the next page goes on; not there on the last one.'),
    }),
  );
