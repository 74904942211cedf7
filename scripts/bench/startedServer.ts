/** The server in a process of its own, as a benchmark meets it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { freePort } from './freePort.js';

const MAIN = fileURLToPath(new URL('../../main.js', import.meta.url));
const READY_WITHIN_MS = 20_000;

export interface StartedServer {
  readonly port: number;
  readonly issuer: string;
  stop(): Promise<void>;
}

/**
 * Starts a server on a free port of the loopback address and waits until it is ready.
 * @param env its environment, beside PATH, PORT, HOST and LOG_LEVEL
 */
export async function startServer(env: Readonly<Record<string, string>>): Promise<StartedServer> {
  const port = await freePort();
  const child = spawn(process.execPath, [MAIN], {
    env: { PATH: process.env.PATH, PORT: `${port}`, HOST: '127.0.0.1', LOG_LEVEL: 'silent', ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const server = {
    port,
    issuer: `http://localhost:${port}`,
    async stop() {
      if (child.exitCode !== null) return;
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
    },
  };
  const deadline = performance.now() + READY_WITHIN_MS;
  while (!(await isReady(server.issuer))) {
    if (child.exitCode !== null || performance.now() > deadline) {
      await server.stop();
      throw new Error('The server did not start.');
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return server;
}

const isReady = (issuer: string): Promise<boolean> =>
  fetch(`${issuer}/health/ready`).then(
    ({ ok }) => ok,
    () => false,
  );
