/** Chooses the stores: MongoDB and Redis where they are configured, else a folder on disk. */
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Config } from '../config.js';
import { openEmbeddedStores } from './embedded/open.js';
import { openMongo } from './mongo/open.js';
import { openRedis } from './redis/open.js';
import { type Stores, StoreUnavailableError } from './stores.js';

/** Health checks ask often and must not pile up behind a store that hangs. */
const CHECK_MS = 2_000;

/**
 * Opens the stores that the configuration names.
 * @param warn is told what an operator should know about a store that can be used nevertheless
 * @throws StoreUnavailableError when a store cannot be opened, with a message that says what to do
 */
export function openStores(config: Config, warn: (message: string) => void = () => undefined): Promise<Stores> {
  const { mongodbUri, redisUrl } = config;
  return mongodbUri !== undefined && redisUrl !== undefined
    ? openProductionStores(mongodbUri, redisUrl, warn)
    : openEmbeddedStores(join(config.dataDir, 'store'));
}

/**
 * Opens MongoDB and Redis.
 * @throws StoreUnavailableError when MongoDB cannot be used; Redis may come later
 */
export async function openProductionStores(
  mongodbUri: string,
  redisUrl: string,
  warn: (message: string) => void,
): Promise<Stores> {
  const mongo = await openMongo(mongodbUri);
  const redis = await openRedis(redisUrl, warn);
  return {
    durable: mongo.durable,
    volatile: redis.volatile,
    limiter: redis.limiter,
    // A number shared by servers would cost as much as reading what it stands for.
    revision: () => undefined,
    // Nothing is kept between requests: each read asks the primary.
    beginRequest: () => undefined,
    async check() {
      const tooLong = pause(CHECK_MS, undefined, { ref: false }).then(() => {
        throw new StoreUnavailableError('MongoDB or Redis did not answer in time.');
      });
      await Promise.race([Promise.all([mongo.check(), redis.check()]), tooLong]);
    },
    async close() {
      await Promise.all([mongo.close(), redis.close()]);
    },
  };
}
