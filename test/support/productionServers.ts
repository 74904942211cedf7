/** Servers that share a MongoDB and a Redis, all started for one test file. */
import { type ServerOptions, startServer, type TestServer } from './server.js';
import { type Service, startMongod, startRedis } from './services.js';

export interface ProductionServers {
  readonly mongod: Service;
  readonly redis: Service;
  readonly a: TestServer;
  readonly b: TestServer;
  stop(): Promise<void>;
}

/**
 * Starts both stores and two servers that are one issuer.
 * @param options for both servers
 */
export async function startProductionServers(options: ServerOptions = {}): Promise<ProductionServers> {
  const [mongod, redis] = await Promise.all([startMongod(), startRedis()]);
  const production = { mongodbUri: mongod.url, redisUrl: redis.url };
  // One after the other: the first makes the indexes and the demo directory.
  const a = await startServer({ ...options, production });
  const b = await startServer({ ...options, production, issuer: a.issuer });
  return {
    mongod,
    redis,
    a,
    b,
    stop: async () => {
      await Promise.all([a.stop(), b.stop()]);
      await Promise.all([mongod.stop(), redis.stop()]);
    },
  };
}
