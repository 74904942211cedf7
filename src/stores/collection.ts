/** What a durable collection is: its record's shape, its indexes and when a record ceases to exist. */
import type { z } from 'zod';

/** Every durable record has an id that is unique within its collection. */
export interface Identified {
  readonly id: string;
}

/**
 * A record as it was read: the revision says which version it is, so that a later change can demand that very one. No two
 * versions under one id have the same, also when the record was removed and made again in between.
 */
export type Stored<T> = T & { readonly revision: number };

/** A value that an index can order by. A record in which one of an index's fields is undefined is not in that index. */
export type IndexValue = string | number;

export interface Index<T> {
  readonly fields: readonly (keyof T & string)[];
  readonly unique?: boolean;
}

export interface Collection<T extends Identified, I extends string = string> {
  readonly name: string;
  /** Parses a record before it is written; a record that does not fit is a defect of the caller and throws. */
  readonly schema: z.ZodType<T>;
  readonly indexes: Readonly<Record<I, Index<T>>>;
  /** The field with the time (milliseconds since 1970, UTC) from which on the record does not exist any more. */
  readonly keptUntil?: keyof T & string;
  /**
   * Ids begin with a time (`timeDigits`), and the record lives at most so many milliseconds longer: by that it is swept
   * away, and no entry has to say when. Such a collection has no index.
   */
  readonly livesAtMost?: number;
  /** Whether a change of this version of a record is counted, so that what was read of it can be kept; see `Stores.revision`. */
  readonly changesCounted?: (record: T) => boolean;
}

/**
 * Declares a collection.
 * @param declaration name, schema, indexes and, when records expire, the field that says when
 * @returns the declaration itself, with its types inferred
 */
export function collection<T extends Identified, I extends string>(declaration: Collection<T, I>): Collection<T, I> {
  return declaration;
}
