/** Limiters on the counters of a library. */
import { type RateLimiterAbstract, RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { secretHash } from '../ids.js';
import type { Limit, Limiter } from './limiter.js';

/** The library counts what it refuses as well, and an event that is given back after its window as one below zero. */
class MemoryCounter extends RateLimiterMemory {
  override async consume(key: string, points = 1): Promise<RateLimiterRes> {
    try {
      return await super.consume(key, points);
    } catch (refusal) {
      await super.reward(key, points);
      throw refusal;
    }
  }

  override async reward(key: string, points = 1): Promise<RateLimiterRes> {
    const now = await this.get(key);
    if (!now || now.msBeforeNext <= 0 || now.consumedPoints < points) return now ?? new RateLimiterRes();
    return super.reward(key, points);
  }
}

/** A counter of this process alone: for the embedded store, and while Redis is away. */
export const memoryCounter = ({ name, events, seconds }: Limit): RateLimiterMemory =>
  new MemoryCounter({ keyPrefix: name, points: events, duration: seconds });

/** A limiter on a counter of the library. */
export function limiterOn(counter: RateLimiterAbstract): Limiter {
  return {
    async wait(key) {
      const now = await counter.get(secretHash(key));
      return now && now.remainingPoints <= 0 && now.msBeforeNext > 0 ? secondsOf(now) : 0;
    },
    async take(key) {
      try {
        await counter.consume(secretHash(key));
        return 0;
      } catch (refusal) {
        if (refusal instanceof RateLimiterRes) return secondsOf(refusal);
        throw refusal;
      }
    },
    async giveBack(key) {
      await counter.reward(secretHash(key));
    },
  };
}

const secondsOf = ({ msBeforeNext }: RateLimiterRes): number => Math.max(1, Math.ceil(msBeforeNext / 1_000));
