/** The variables that say where the stores are: all that the server and the commands need to know to open the same ones. */
import { z } from 'zod';
import { ConfigError, unfit } from './configError.js';
import type { StorePlaces } from './stores/openStores.js';
import { parseRedisUrl } from './stores/redis/url.js';

export const StoreEnvironment = z.object({
  DATA_DIR: z.string().min(1).default('./data').describe('Folder of the embedded store and of generated keys.'),
  MONGODB_URI: z.string().min(1).optional().meta({
    description:
      'MongoDB, a replica set or sharded cluster, e.g. mongodb://user:password@h1,h2/mcp?replicaSet=rs0; the database is the one in the path, or mcp_authorization. Set it together with REDIS_URL.',
    whenUnset: 'the embedded store in DATA_DIR',
  }),
  REDIS_URL: z.string().min(1).optional().meta({
    description:
      'Redis: redis://[user:password@]host[:port][/db], redis+sentinel://h1,h2/?master=name (further: sentinelUsername=, sentinelPassword=), redis+cluster://h1,h2; rediss for TLS. It needs maxmemory-policy noeviction. Set it together with MONGODB_URI.',
    whenUnset: 'the embedded store in DATA_DIR',
  }),
});

/** The variables that are set; one that is empty counts as not set. */
export const setVariables = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));

/**
 * Where the stores are, for commands that need to know no more of the configuration.
 * @param env the environment; empty variables count as not set
 * @throws ConfigError with the name of the variable and what it must be
 */
export function storePlaces(env: NodeJS.ProcessEnv = process.env): StorePlaces {
  const parsed = StoreEnvironment.safeParse(setVariables(env));
  if (!parsed.success) throw unfit('', parsed.error);
  const { DATA_DIR, MONGODB_URI, REDIS_URL } = parsed.data;
  demandBothStores(MONGODB_URI, REDIS_URL);
  return { dataDir: DATA_DIR, mongodbUri: MONGODB_URI, redisUrl: REDIS_URL };
}

/** @throws ConfigError unless there are both addresses, each in its form, or neither */
export function demandBothStores(mongodbUri: string | undefined, redisUrl: string | undefined): void {
  if (mongodbUri === undefined && redisUrl === undefined) return;
  if (redisUrl === undefined)
    throw new ConfigError('MONGODB_URI is set and REDIS_URL is missing; set both, or neither for the embedded store.');
  if (mongodbUri === undefined)
    throw new ConfigError('REDIS_URL is set and MONGODB_URI is missing; set both, or neither for the embedded store.');
  if (!/^mongodb(\+srv)?:\/\//.test(mongodbUri))
    throw new ConfigError('MONGODB_URI must begin with mongodb:// or mongodb+srv://.');
  try {
    parseRedisUrl(redisUrl);
  } catch (error) {
    throw new ConfigError((error as Error).message);
  }
}
