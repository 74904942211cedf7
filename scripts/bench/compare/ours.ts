/** This server as a contestant: `dist/main.js` as it is started in production, on the core for servers. */
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '../freePort.js';
import { API, writeConfiguration } from './configuration.js';
import { type Contestant, ended, pinned, SERVER_CORE } from './contestant.js';
import { type Sample, samplesOf } from './samples.js';

const MAIN = fileURLToPath(new URL('../../../main.js', import.meta.url));

export interface Running {
  readonly pid: number;
  readonly port: number;
  /** From the start of the process to the first answer of /health/ready, in milliseconds. */
  readonly readyAfter: number;
  stop(): Promise<void>;
}

/**
 * Starts the server and waits until it is ready.
 * @param stores environment variables that say where its stores are
 */
export async function startOurs(folder: string, stores: Readonly<Record<string, string>>): Promise<Running> {
  const port = await freePort();
  const configuration = join(folder, 'bench.json');
  await writeConfiguration(configuration);
  const started = performance.now();
  const child = pinned(SERVER_CORE, [MAIN], {
    NODE_ENV: 'development',
    ISSUER: `http://127.0.0.1:${port}`,
    PORT: String(port),
    CONFIG_FILE: configuration,
    LOG_LEVEL: 'warn',
    ...stores,
  });
  child.stdout?.resume();
  if (child.pid === undefined) throw new Error('The server did not start.');
  const ready = () =>
    fetch(`http://127.0.0.1:${port}/health/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
  while (!(await ready())) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error('The server did not start.');
    await pause(5);
  }
  return { pid: child.pid, port, readyAfter: performance.now() - started, stop: () => ended(child) };
}

/**
 * This server as a contestant that is asked about tokens.
 * @returns the contestant, and what it answers about each token, for which it was started once
 */
export async function introspectedServer(
  name: string,
  folder: string,
  stores: Readonly<Record<string, string>>,
  tokens: readonly string[],
): Promise<{ readonly contestant: Contestant; readonly samples: readonly Sample[] }> {
  const start = () => startOurs(folder, stores);
  const server = await start();
  try {
    const samples = await samplesOf(server.port, tokens, API);
    const asked = samples.map((sample) => sample.asked);
    return { contestant: { name, start: async () => ({ ...(await start()), asked }) }, samples };
  } finally {
    await server.stop();
  }
}
