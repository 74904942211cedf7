/** MongoDB and Redis for tests: real servers, started on free ports in temporary folders. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe } from '@jest/globals';
import { MongoClient } from 'mongodb';
import { MongoBinary } from 'mongodb-memory-server-core';
import { freePort } from './childServer.js';

const READY_WITHIN_MS = 30_000;

/** A service that tests use and may end. */
export interface Service {
  /** What MONGODB_URI or REDIS_URL is set to. */
  readonly url: string;
  readonly port: number;
  /** Ends it with SIGKILL; what it keeps on disk stays. */
  kill(): Promise<void>;
  /** Starts it again on the same port and folder. */
  restart(): Promise<void>;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

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
    return service === 'mongod' ? undefined : 'MONGODB_URI names a server that tests must not end; unset it.';
  }
  return mongod().then(
    () => undefined,
    (error: Error) =>
      `there is no mongod (${error.message}); set MONGOMS_SYSTEM_BINARY to one, or MONGODB_URI to a replica set.`,
  );
}

const mongod = (): Promise<string> => MongoBinary.getPath();

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

async function startService(
  launch: (folder: string, port: number) => ChildProcess,
  urlOf: (port: number) => string,
  isReady: (port: number) => Promise<boolean>,
): Promise<Service> {
  const folder = await mkdtemp(join(tmpdir(), 'service-'));
  const port = await freePort();
  let child = launch(folder, port);
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill(signal);
    await exit;
  };
  // A test run that is broken off must not leave servers behind.
  const endWithParent = (): void => void child.kill('SIGKILL');
  process.once('exit', endWithParent);
  const ready = async (): Promise<void> => {
    const deadline = performance.now() + READY_WITHIN_MS;
    while (!(await isReady(port))) {
      if (child.exitCode !== null) throw new Error(`${child.spawnfile} exited with ${child.exitCode}.`);
      if (performance.now() > deadline) throw new Error(`${child.spawnfile} is not ready.`);
      await sleep(50);
    }
  };
  await ready();
  return {
    url: urlOf(port),
    port,
    kill: () => end('SIGKILL'),
    async restart() {
      await end('SIGKILL');
      child = launch(folder, port);
      await ready();
    },
    async stop() {
      process.off('exit', endWithParent);
      await end('SIGTERM');
      await rm(folder, { recursive: true, force: true });
    },
  };
}
