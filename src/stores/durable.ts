/** The store of what must last: accounts, organizations, members, clients, connections, refresh tokens, audit events. */
import type { Collection, Identified, IndexValue, Stored } from './collection.js';

/** One step of a commit. Build these with the functions below. */
export type Change =
  | { readonly kind: 'insert'; readonly collection: Collection<Identified>; readonly record: Identified }
  | { readonly kind: 'replace'; readonly collection: Collection<Identified>; readonly record: Stored<Identified> }
  | { readonly kind: 'unchanged'; readonly collection: Collection<Identified>; readonly record: Stored<Identified> }
  | { readonly kind: 'remove'; readonly collection: Collection<Identified>; readonly id: string }
  | {
      readonly kind: 'removeAll';
      readonly collection: Collection<Identified>;
      readonly index: string;
      readonly key: readonly IndexValue[];
    };

/** A commit found a record changed, removed or already there; nothing of the commit was written. Read again and decide again. */
export class ConflictError extends Error {
  override readonly name = 'ConflictError';
  constructor(
    readonly collection: string,
    /** The unique index that already holds the value, when that was the cause. */
    readonly index?: string,
  ) {
    super(`A record of "${collection}" was changed by somebody else in the meantime; read it again and repeat.`);
  }
}

/** A place in the order of a listing, whether or not the record that stood there still exists. */
export interface ListPlace {
  /** The values of the index's fields that the key does not give, in their order. */
  readonly values: readonly IndexValue[];
  readonly id: string;
}

export interface ListOptions {
  /** At most so many records; without it, all. */
  readonly limit?: number;
  /** Highest index values first. */
  readonly reverse?: boolean;
  /** Only what comes behind this place, in the direction of the listing: how a page of a long list follows another. */
  readonly after?: ListPlace;
}

/** Collections and ids of records, one pair for each type of the list. */
export type Wanted<L extends readonly Identified[]> = { readonly [N in keyof L]: readonly [Collection<L[N]>, string] };

/** What `get` gives, for each type of the list. */
export type Found<L extends readonly Identified[]> = { readonly [N in keyof L]: Stored<L[N]> | undefined };

export interface DurableStore {
  /**
   * The record with this id, or undefined when there is none or its time is over. What one caller does to the object
   * that it gets, no other sees; it can be one that nobody can change.
   */
  get<T extends Identified>(collection: Collection<T>, id: string): Promise<Stored<T> | undefined>;

  /** Several records of known ids, read side by side; each as `get` gives it. */
  getEach<L extends readonly Identified[]>(...wanted: Wanted<L>): Promise<Found<L>>;

  /**
   * The records whose index begins with these values, in the order of the index's remaining fields, then of their ids.
   * A long list is read in steps that give way to others (`turns.ts`): what is written meanwhile may be in it or not.
   * @param key values for the first fields of the index, in their order; none lists the whole index
   */
  list<T extends Identified, I extends string>(
    collection: Collection<T, I>,
    index: I,
    key: readonly IndexValue[],
    options?: ListOptions,
  ): Promise<Stored<T>[]>;

  /** How many records the same call of `list` would return, without reading them; in steps as well. */
  count<T extends Identified, I extends string>(
    collection: Collection<T, I>,
    index: I,
    key: readonly IndexValue[],
    options?: Pick<ListOptions, 'limit'>,
  ): Promise<number>;

  /**
   * About how many records a collection has, those included whose time is over and that are not swept away yet. Holds
   * nobody up, however many there are: a database knows it, and the embedded store counts a little at a time.
   */
  estimate<T extends Identified>(collection: Collection<T>): Promise<number>;

  /**
   * Makes all of the changes or none, and resolves once they would survive the loss of this process and of power.
   * @returns how many records `remove` and `removeAll` took away
   * @throws ConflictError when a record to insert exists, a record to replace or to find unchanged has another revision
   *   or is gone, or a unique index is violated
   */
  commit(changes: readonly Change[]): Promise<{ readonly removed: number }>;

  /** Deletes records whose time is over. Reads never depend on it. */
  sweep(): Promise<void>;
}

/** Adds a record; conflicts when its id exists. */
export const insert = <T extends Identified>(collection: Collection<T>, record: T): Change =>
  ({ kind: 'insert', collection, record }) as unknown as Change;

/** Writes a record over the version it was read as; conflicts when that is no longer the stored one. */
export const replace = <T extends Identified>(collection: Collection<T>, record: Stored<T>): Change =>
  ({ kind: 'replace', collection, record }) as unknown as Change;

/** Demands that a record is still the version it was read as, without changing it. */
export const unchanged = <T extends Identified>(collection: Collection<T>, record: Stored<T>): Change =>
  ({ kind: 'unchanged', collection, record }) as unknown as Change;

/** Takes a record away; one that is not there is no error. */
export const remove = <T extends Identified>(collection: Collection<T>, id: string): Change =>
  ({ kind: 'remove', collection, id }) as unknown as Change;

/** Takes all records away whose index begins with these values. */
export const removeAll = <T extends Identified, I extends string>(
  collection: Collection<T, I>,
  index: I,
  key: readonly IndexValue[],
): Change => ({ kind: 'removeAll', collection, index, key }) as unknown as Change;
