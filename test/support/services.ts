/** MongoDB and Redis for tests: those of MONGODB_URI and REDIS_URL, or real servers on free ports in temporary folders. */
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { describe } from '@jest/globals';
import { Redis } from 'ioredis';
import { MongoClient } from 'mongodb';
import { MongoBinary } from 'mongodb-memory-server-core';
import { type Service, startService } from './startService.js';

export type { Service };

type Needed = 'redis-server' | 'mongod' | 'a mongod of its own';

/**
 * `describe` when this machine has what the tests need; otherwise says why they are skipped and skips them.
 * @throws when something is missing and REQUIRE_SERVICES is 1
 */
export async function describeWith(...needed: readonly Needed[]): Promise<typeof describe | typeof describe.skip> {
  for (const service of needed) {
    const missing = await whatIsMissing(service);
    if (missing === undefined) continue;
    if (process.env.REQUIRE_SERVICES === '1') throw new Error(`REQUIRE_SERVICES=1, and ${missing}`);
    process.stderr.write(`Skipped: tests that need ${service}, because ${missing}\n`);
    return describe.skip;
  }
  return describe;
}

async function whatIsMissing(service: Needed): Promise<string | undefined> {
  if (service === 'redis-server') {
    if (spawnSync('redis-server', ['--version']).status === 0) return undefined;
    return 'there is no redis-server in PATH; install it (apt-get install redis-server).';
  }
  if (process.env.MONGODB_URI) {
    if (service === 'mongod' || process.env.MONGOMS_SYSTEM_BINARY) return undefined;
    return 'MONGODB_URI names a server that tests must not end; set MONGOMS_SYSTEM_BINARY to a mongod as well, or unset it.';
  }
  return mongod().then(
    () => undefined,
    (error: Error) =>
      `there is no mongod (${error.message}); set MONGOMS_SYSTEM_BINARY to one, or MONGODB_URI to a replica set.`,
  );
}

/** Whichever version the operator has is the one to test on, so nothing is said about the version. */
const mongod = (): Promise<string> => {
  process.env.MONGOMS_SYSTEM_BINARY_VERSION_CHECK ??= 'false';
  return MongoBinary.getPath();
};

/**
 * Starts a Redis server that keeps nothing on disk.
 * @param options further options of redis-server
 */
export async function startRedis(...options: readonly string[]): Promise<Service> {
  const plain = ['--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--loglevel', 'warning', ...options];
  return startService(
    (folder, port) => spawn('redis-server', ['--port', `${port}`, '--dir', folder, ...plain], { stdio: 'ignore' }),
    (port) => `redis://127.0.0.1:${port}`,
    async (port) => spawnSync('redis-cli', ['-p', `${port}`, 'ping']).stdout?.length > 0,
  );
}

/**
 * Starts a mongod, as a replica set of one unless told otherwise.
 * @param options options in place of `--replSet`
 */
export async function startMongod(options: readonly string[] = ['--replSet', 'rs0']): Promise<Service> {
  const binary = await mongod();
  const replicaSet = options.includes('--replSet');
  return startService(
    (folder, port) =>
      spawn(binary, ['--port', `${port}`, '--dbpath', folder, '--bind_ip', '127.0.0.1', ...options], {
        stdio: 'ignore',
      }),
    (port) => `mongodb://127.0.0.1:${port}/${replicaSet ? '?replicaSet=rs0' : ''}`,
    (port) => isMongodReady(port, replicaSet),
  );
}

/** The replica set that tests share: MONGODB_URI, or one of their own. */
export async function sharedMongod(): Promise<Pick<Service, 'url' | 'stop'>> {
  const url = process.env.MONGODB_URI;
  return url ? { url, stop: async () => undefined } : startMongod();
}

/** The Redis that tests share: REDIS_URL, a database of its own for each worker, emptied; or one of their own. */
export async function sharedRedis(): Promise<Pick<Service, 'url' | 'stop'>> {
  if (!process.env.REDIS_URL) return startRedis();
  const url = new URL(process.env.REDIS_URL);
  url.pathname = `/${Number(process.env.JEST_WORKER_ID ?? 0) % 16}`;
  const redis = new Redis(url.href);
  await redis.flushdb();
  redis.disconnect();
  return { url: url.href, stop: async () => undefined };
}

/** An empty database of the replica set that tests share, and a Redis, for servers that nobody takes the stores from. */
export async function sharedStores(): Promise<{ mongodbUri: string; redisUrl: string; stop(): Promise<void> }> {
  const [mongod, redis] = await Promise.all([sharedMongod(), sharedRedis()]);
  const mongodbUri = databaseIn(mongod.url, `test_${randomBytes(6).toString('hex')}`);
  return {
    mongodbUri,
    redisUrl: redis.url,
    async stop() {
      const client = new MongoClient(mongodbUri);
      await client.db().dropDatabase();
      await client.close();
      await Promise.all([mongod.stop(), redis.stop()]);
    },
  };
}

/** The URI with the name of a database in it. */
export function databaseIn(uri: string, name: string): string {
  const url = new URL(uri.replace(/^(mongodb(?:\+srv)?:)\/\/([^/?]*)\/?[^?]*/, `$1//$2/${name}`));
  return url.href;
}

async function isMongodReady(port: number, replicaSet: boolean): Promise<boolean> {
  const client = new MongoClient(`mongodb://127.0.0.1:${port}/?directConnection=true`, {
    serverSelectionTimeoutMS: 500,
  });
  try {
    const admin = client.db('admin');
    const hello = await admin.command({ hello: 1 });
    if (!replicaSet || hello.isWritablePrimary) return true;
    const members = [{ _id: 0, host: `127.0.0.1:${port}` }];
    await admin.command({ replSetInitiate: { _id: 'rs0', members } });
    return false;
  } catch {
    return false;
  } finally {
    await client.close();
  }
}
