/** Counting events against a limit, on whatever the servers share. */
import { type RateLimiterAbstract, RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { secretHash } from '../ids.js';

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

/** A limiter of this process alone: for the embedded store, and while Redis is away. */
export const memoryCounter = ({ name, events, seconds }: Limit): RateLimiterMemory =>
  new RateLimiterMemory({ keyPrefix: name, points: events, duration: seconds });

/** A limiter on a counter of the library. */
export function limiterOn(counter: RateLimiterAbstract): Limiter {
  return {
    async take(key) {
      try {
        await counter.consume(secretHash(key));
        return 0;
      } catch (refusal) {
        if (refusal instanceof RateLimiterRes) return Math.max(1, Math.ceil(refusal.msBeforeNext / 1_000));
        throw refusal;
      }
    },
    async giveBack(key) {
      await counter.reward(secretHash(key));
    },
  };
}
