/** Limiters on the counters of a library. */
import { type RateLimiterAbstract, RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { secretHash } from '../ids.js';
import type { Limit, Limiter } from './limiter.js';

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
