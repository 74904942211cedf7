/** Counting events against a limit, on whatever the servers share. */

/** At most so many events of one key within so many seconds. */
export interface Limit {
  /** Stands in the stored key. */
  readonly name: string;
  readonly events: number;
  readonly seconds: number;
}

/** Keys say whose event it is; they are stored only as a hash, as they may hold an address. */
export interface Limiter {
  /**
   * Looks whether an event would be within the limit, and writes nothing.
   * @returns 0 when it would be now, else the seconds to wait
   */
  wait(key: string): Promise<number>;
  /**
   * Counts an event. One that is beyond the limit is not counted and leaves nothing; of events at once never more than
   * the limit are counted.
   * @returns 0 when it is within the limit, else the seconds to wait
   */
  take(key: string): Promise<number>;
  /** Takes an event back that turned out not to count. */
  giveBack(key: string): Promise<void>;
}

/**
 * A limiter that is made with the first event: commands count none, and should not load what counts.
 * @param make makes it
 */
export function limiterInUse(make: () => Promise<Limiter>): Limiter {
  let made: Promise<Limiter> | undefined;
  const limiter = (): Promise<Limiter> => {
    made ??= make();
    return made;
  };
  return {
    wait: async (key) => (await limiter()).wait(key),
    take: async (key) => (await limiter()).take(key),
    giveBack: async (key) => (await limiter()).giveBack(key),
  };
}
