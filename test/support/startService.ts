/** A server program in a temporary folder, on a free port, that a test may kill and start again. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
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

/**
 * Starts a program and waits until it is ready.
 * @param launch starts it on a port, with a folder of its own
 * @param urlOf what its users are told
 * @param isReady whether it answers
 */
export async function startService(
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
