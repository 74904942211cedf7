/** The authorization server under test: `dist/main.js` in a process of its own, with a clock that the test moves. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ChildServer, freePort, startChild } from './childServer.js';

const CLOCK = fileURLToPath(new URL('./clock.mjs', import.meta.url));

export interface ServerOptions {
  /** Further environment variables. */
  env?: Record<string, string>;
  /** The issuer's path, e.g. `/oauth`, also with a final slash; none by default. */
  issuerPath?: string;
  /** Where the embedded store is; a new temporary folder by default. */
  dataDir?: string;
  /** The whole config file, or what gives it for the issuer; config/default.json by default. */
  config?: object | ((issuer: string) => object);
  /** MongoDB and Redis in place of the embedded store. */
  production?: { readonly mongodbUri: string; readonly redisUrl: string };
  /** The issuer that several servers stand for; its own address by default. */
  issuer?: string;
  /** Modules that the process loads before the server, beside the clock. */
  preload?: readonly string[];
  /** A command that becomes the server's process, e.g. `prlimit --fsize=…`. */
  under?: readonly string[];
}

/** Keys that several servers share; of no value outside tests. */
const SHARED_KEYS = {
  COOKIE_KEYS: 'cookie-key-of-the-tests-and-nothing-else',
  ENCRYPTION_KEY: Buffer.alloc(32, 'test').toString('base64'),
};

export interface TestServer {
  readonly issuer: string;
  readonly port: number;
  readonly dataDir: string;
  /** The environment that the CLI needs to work on the same store. */
  readonly env: Record<string, string>;
  /** The URL of a path below the issuer, on this very server. */
  url(path: string): string;
  /** Moves its clock forward. */
  advance(ms: number): Promise<void>;
  output(): string;
  /** The process of this moment. */
  process(): ChildProcess;
  /** Sends a signal, e.g. SIGHUP. */
  signal(name: NodeJS.Signals): void;
  /** Lets it drain and removes its folder. */
  stop(): Promise<void>;
  /** Ends it with SIGKILL; the store stays for {@link TestServer.restart}. */
  kill(): Promise<void>;
  /**
   * Starts it again on the same port and store, with the same clock; ends it first when it runs.
   * @param config in place of the config file that it was started with; the same one by default
   */
  restart(config?: unknown): Promise<void>;
}

/**
 * Starts the server on a free port with the demo directory and waits until it is ready.
 * @param options what differs from the default
 */
export const startServer = async (options: ServerOptions = {}): Promise<TestServer> => {
  const folder = await mkdtemp(join(tmpdir(), 'auth-server-test-'));
  const port = await freePort();
  const own = `http://localhost:${port}${options.issuerPath ?? ''}`;
  const issuer = options.issuer ?? own;
  const address = own.replace(/\/$/, '');
  const dataDir = options.dataDir ?? join(folder, 'data');
  const env: Record<string, string> = {
    ISSUER: issuer,
    PORT: String(port),
    HOST: '127.0.0.1',
    DATA_DIR: dataDir,
    ...(options.production
      ? {
          MONGODB_URI: options.production.mongodbUri,
          REDIS_URL: options.production.redisUrl,
          DEMO_DIRECTORY: '1',
          ...SHARED_KEYS,
        }
      : {}),
    ...options.env,
  };
  if (options.config !== undefined) {
    env.CONFIG_FILE = join(folder, 'config.json');
    const { config } = options;
    await writeFile(env.CONFIG_FILE, JSON.stringify(typeof config === 'function' ? config(issuer) : config));
  }

  let offsetMs = 0;
  const launch = (): Promise<ChildServer> =>
    startChild(
      [CLOCK, ...(options.preload ?? [])].flatMap((path) => ['--import', path]).concat('dist/main.js'),
      { ...env, TEST_CLOCK_OFFSET_MS: String(offsetMs) },
      `http://localhost:${port}/health/ready`,
      options.under,
    );
  let earlierOutput = '';
  let running = await launch();

  return {
    issuer,
    port,
    dataDir,
    env,
    url: (path) => address + path,
    advance: async (ms) => {
      const acknowledged = once(running.child, 'message', { signal: AbortSignal.timeout(20_000) });
      running.child.send({ advanceMs: ms });
      await acknowledged;
      offsetMs += ms;
    },
    output: () => earlierOutput + running.output(),
    process: () => running.child,
    signal: (name) => {
      running.child.kill(name);
    },
    stop: async () => {
      await running.stop();
      await rm(folder, { recursive: true, force: true });
    },
    kill: () => running.kill(),
    restart: async (config) => {
      await running.stop();
      if (config !== undefined) {
        if (env.CONFIG_FILE === undefined) throw new Error('Start the server with a config of its own first.');
        await writeFile(env.CONFIG_FILE, JSON.stringify(config));
      }
      earlierOutput += running.output();
      running = await launch();
    },
  };
};
