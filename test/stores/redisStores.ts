/** The volatile store on Redis for the contract suite, each time empty. */
import { Redis } from 'ioredis';
import { openRedis } from '../../src/stores/redis/open.js';
import type { Stores } from '../../src/stores/stores.js';
import type { OpenedStores } from './contract/fixtures.js';

/**
 * Opens the volatile store without any durable one.
 * @param url the value of REDIS_URL
 * @param ports of the servers that hold data, all of which are emptied first
 */
export async function openRedisStores(url: string, ports: readonly number[]): Promise<OpenedStores> {
  await Promise.all(ports.map((port) => withRedis(port, (redis) => redis.flushall())));
  let stores = await volatileOnly(url);
  return {
    get stores() {
      return stores;
    },
    async reopen() {
      await stores.close();
      stores = await volatileOnly(url);
      return stores;
    },
    async close() {
      await stores.close();
    },
  };
}

async function volatileOnly(url: string): Promise<Stores> {
  const redis = await openRedis(url, () => undefined);
  return {
    ...redis,
    durable: undefined as unknown as Stores['durable'],
    beginRequest: () => undefined,
    revision: () => undefined,
    changedSince: () => true,
  };
}

/** Runs a function with a client of its own. */
export async function withRedis<T>(port: number, run: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(port, '127.0.0.1');
  try {
    return await run(redis);
  } finally {
    redis.disconnect();
  }
}
