/** Opens Redis: it may be away at start and at any time, and what needs it then fails until it is back. */
import { setTimeout as pause } from 'node:timers/promises';
import { Cluster } from 'ioredis';
import { RateLimiterRedis } from 'rate-limiter-flexible';
import { limiterOn, memoryCounter } from '../countedLimiter.js';
import type { Limit, Limiter } from '../limiter.js';
import { StoreUnavailableError } from '../stores.js';
import type { VolatileStore } from '../volatile.js';
import { withoutSecrets } from '../withoutSecrets.js';
import { type Answered, newRedisClient, type RedisClient } from './client.js';
import { warnUnlessNothingIsEvicted } from './eviction.js';
import { keepConnected } from './keepConnected.js';
import { parseRedisUrl } from './url.js';
import { RedisVolatileStore } from './volatile.js';

/**
 * Counts in one step, and in place of the library's own script: that counts what it refuses as well, and an event that is
 * given back after its window as one below zero. Arguments: the change, the seconds of the window, the limit.
 */
const COUNT = `
local change, most = tonumber(ARGV[1]), tonumber(ARGV[3])
local before = tonumber(redis.call('get', KEYS[1]) or '0')
local ttl = redis.call('pttl', KEYS[1])
if change > 0 and before + change > most then return {before + change, ttl} end
if before + change < 0 then return {before, ttl} end
if ttl > 0 then return {redis.call('incrby', KEYS[1], change), ttl} end
redis.call('set', KEYS[1], change, 'EX', ARGV[2])
return {change, ARGV[2] * 1000}
`;

/** How long the start waits for Redis, so that warnings about it come first in the log. */
const START_MS = 2_000;

export interface OpenRedis {
  readonly volatile: VolatileStore;
  limiter(limit: Limit): Limiter;
  check(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens the volatile store.
 * @param url the value of REDIS_URL
 * @param warn is told what an operator should know: that Redis is away or back, that it may evict what is needed
 */
export async function openRedis(url: string, warn: (message: string) => void): Promise<OpenRedis> {
  const redis = newRedisClient(parseRedisUrl(url));
  const answered = watch(redis, url, warn);
  const policyChecked = new Promise<void>((done) => {
    redis.once('ready', () => warnUnlessNothingIsEvicted(redis, warn).finally(done));
  });
  const close = keepConnected(redis);
  await Promise.race([policyChecked, pause(START_MS, undefined, { ref: false })]);
  return {
    volatile: new RedisVolatileStore(answered),
    limiter(limit) {
      const { name, events, seconds } = limit;
      const counter = new RateLimiterRedis({
        storeClient: redis,
        keyPrefix: `mcp:limit:${name}`,
        points: events,
        duration: seconds,
        rejectIfRedisNotReady: true,
        customIncrTtlLuaScript: COUNT,
        // While Redis is away each server counts for itself: what needs Redis fails anyway, and the rest goes on.
        insuranceLimiter: memoryCounter(limit),
      });
      return limiterOn(counter);
    },
    async check() {
      const state = await answered((client) => (client instanceof Cluster ? client.cluster('INFO') : client.ping()));
      if (redis instanceof Cluster && !String(state).includes('cluster_state:ok'))
        throw new StoreUnavailableError('The Redis Cluster does not serve all slots now.');
    },
    close,
  };
}

/** Keeps the reason why Redis is away for the errors of those who need it, and warns once each time. */
function watch(redis: RedisClient, url: string, warn: (message: string) => void): Answered {
  let reason: string | undefined;
  const away = (why: string): void => {
    if (reason === undefined) warn(`Redis does not answer (${why}); sign-ins and new tokens wait for it.`);
    reason = why;
  };
  redis.on('error', (error: Error) => away(withoutSecrets(wordsOf(error), url)));
  redis.on('reconnecting', () => away(reason ?? 'it closed the connection'));
  redis.on('ready', () => {
    if (reason !== undefined) warn('Redis answers again.');
    reason = undefined;
  });
  return async (command) => {
    try {
      return await command(redis);
    } catch (error) {
      const cause = new Error(reason ?? withoutSecrets(wordsOf(error as Error), url));
      throw new StoreUnavailableError('Redis cannot answer now.', { cause });
    }
  };
}

/** A reply's text may quote the command, and with it what was to be stored; its first word says enough. */
const wordsOf = ({ name, message }: Error): string =>
  name === 'ReplyError' ? (message.split(' ', 1)[0] ?? name) : message || name;
