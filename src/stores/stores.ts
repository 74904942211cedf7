/** The pair of stores that the domain works on. */

import type { Change, DurableStore } from './durable.js';
import type { Limit, Limiter } from './limiter.js';
import type { VolatileStore, VolatileWrite } from './volatile.js';

export interface Stores {
  readonly durable: DurableStore;
  readonly volatile: VolatileStore;

  /**
   * Writes volatile values and makes durable changes in one transaction; only one engine that holds both can do this.
   * `commitWith` is for all stores.
   * @throws what `set` and `commit` throw
   */
  readonly commitTogether?: (values: readonly VolatileWrite[], changes: readonly Change[]) => Promise<void>;

  /** Counts events, shared by all servers on these stores. */
  limiter(limit: Limit): Limiter;

  /**
   * A number that every replacement and removal of an account, organization, member, client or active connection makes a
   * greater one, within its own transaction; as cheap as one read in memory. Undefined where there is no such number.
   */
  revision(): number | undefined;

  /**
   * Whether one of these records may have changed since a revision. Knows of changes up to the last time that `revision`
   * was asked for; to be asked in the same request.
   * @param ids of such records
   */
  changedSince(revision: number, ids: readonly string[]): boolean;

  /** Call before the first read of a request, so that it sees what other processes have committed. */
  beginRequest(): void;

  /**
   * Resolves when both stores can answer.
   * @throws StoreUnavailableError when one cannot; `away` says which
   */
  check(): Promise<void>;

  /** Finishes what is under way and lets go of files and sockets. */
  close(): Promise<void>;
}

/** A store cannot answer now. Callers answer 503 with `Retry-After`, never a guess. */
export class StoreUnavailableError extends Error {
  override readonly name: string = 'StoreUnavailableError';
  /** What an operator calls the stores that are away, where it is known of each. */
  readonly away: readonly string[];
  constructor(message: string, { away = [], ...options }: ErrorOptions & { away?: readonly string[] } = {}) {
    super(message, options);
    this.away = away;
  }
}

/** The store answers, but what it holds is not what is needed; waiting does not help. The message says what does. */
export class UnfitStoreError extends StoreUnavailableError {
  override readonly name = 'UnfitStoreError';
}
