/**
 * Chooses the stores: MongoDB and Redis where they are configured, else a folder on disk. Drivers are loaded when they
 * are used, since a server that never calls them should not start the slower and larger for them.
 */
import { join } from 'node:path';
import { demandAnswers } from './demandAnswers.js';
import type { Stores } from './stores.js';

/** Where the stores are: MongoDB and Redis when both are there, else a folder on disk. */
export interface StorePlaces {
  readonly dataDir: string;
  readonly mongodbUri: string | undefined;
  readonly redisUrl: string | undefined;
}

/** Where the embedded store is. */
export const embeddedFolder = ({ dataDir }: Pick<StorePlaces, 'dataDir'>): string => join(dataDir, 'store');

/**
 * Opens the stores that the configuration names.
 * @param warn is told what an operator should know about a store that can be used nevertheless
 * @param lookOnly nothing is made or changed, and nothing is to be written
 * @throws StoreUnavailableError when a store cannot be opened, with a message that says what to do
 */
export async function openStores(
  places: StorePlaces,
  warn: (message: string) => void = () => undefined,
  lookOnly = false,
): Promise<Stores> {
  const { mongodbUri, redisUrl } = places;
  if (mongodbUri !== undefined && redisUrl !== undefined)
    return openProductionStores(mongodbUri, redisUrl, warn, lookOnly);
  const { openEmbeddedStores } = await import('./embedded/open.js');
  return openEmbeddedStores(embeddedFolder(places), lookOnly);
}

/**
 * Opens MongoDB and Redis.
 * @throws StoreUnavailableError when MongoDB cannot be used; Redis may come later
 */
export async function openProductionStores(
  mongodbUri: string,
  redisUrl: string,
  warn: (message: string) => void,
  lookOnly = false,
): Promise<Stores> {
  const [{ openMongo }, { openRedis }] = await Promise.all([import('./mongo/open.js'), import('./redis/open.js')]);
  const mongo = await openMongo(mongodbUri, lookOnly);
  const redis = await openRedis(redisUrl, warn);
  return {
    durable: mongo.durable,
    volatile: redis.volatile,
    limiter: redis.limiter,
    // A number shared by servers would cost as much as reading what it stands for.
    revision: () => undefined,
    changedSince: () => true,
    // Nothing is kept between requests: each read asks the primary.
    beginRequest: () => undefined,
    check: () => demandAnswers({ MongoDB: mongo.check, Redis: redis.check }),
    async close() {
      await Promise.all([mongo.close(), redis.close()]);
    },
  };
}
