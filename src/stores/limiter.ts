/** Counting events against a limit, on whatever the servers share. */

/** At most so many events of one key within so many seconds. */
export interface Limit {
  /** Stands in the stored key. */
  readonly name: string;
  readonly events: number;
  readonly seconds: number;
}

export interface Limiter {
  /**
   * Counts an event.
   * @param key whose event it is; stored only as a hash, as it may be an address
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
    take: async (key) => (await limiter()).take(key),
    giveBack: async (key) => (await limiter()).giveBack(key),
  };
}
