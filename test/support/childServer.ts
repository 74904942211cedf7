/** A server under test in a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const STOPS_WITHIN_MS = 10_000;
const READY_WITHIN_MS = 20_000;

/** Below those from which systems choose for outgoing connections, so that no such connection takes it meanwhile. */
const PORTS = { from: 10_240, to: 32_767 };

/**
 * Reserves a port number among all processes that call this, for as long as this one lives: the UDP port of the same
 * number stays bound, and nothing here listens on UDP.
 * @returns whether it was free
 */
const reserve = async (port: number): Promise<boolean> => {
  const reservation = createSocket('udp4').unref();
  reservation.bind({ port, address: '127.0.0.1', exclusive: true });
  return once(reservation, 'listening').then(
    () => true,
    () => {
      reservation.close();
      return false;
    },
  );
};

/** A free port of the loopback address that no other caller gets, in this process or another. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(PORTS.from, PORTS.to + 1);
    if (!(await reserve(port))) continue;
    const probe = createServer();
    try {
      await once(probe.listen(port, '127.0.0.1'), 'listening');
    } catch {
      continue;
    }
    probe.close();
    await once(probe, 'close');
    return port;
  }
}

export interface ChildServer {
  readonly child: ChildProcess;
  /** What it has written to stdout and stderr so far. */
  output(): string;
  /** Sends SIGTERM and waits until it has exited by itself; an error when it doesn't. */
  stop(): Promise<void>;
  /** Sends SIGKILL. */
  kill(): Promise<void>;
}

const hasExited = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

/**
 * Starts a Node.js process and waits until a URL of it answers 200.
 * @param args what to run, e.g. `['dist/main.js']`
 * @param env its whole environment, beside PATH
 * @param readyUrl what answers 200 when it is ready
 * @param under a command that becomes the process, e.g. `prlimit --fsize=…`
 */
export const startChild = async (
  args: readonly string[],
  env: Record<string, string>,
  readyUrl: string,
  under: readonly string[] = [],
): Promise<ChildServer> => {
  const [file = process.execPath, ...before] = [...under, process.execPath];
  const child = spawn(file, [...before, ...args], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }

  const end = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
    if (hasExited(child)) return;
    const exit = once(child, 'exit');
    child.kill(signal);
    const late = await Promise.race([exit.then(() => false), sleep(STOPS_WITHIN_MS, true, { ref: false })]);
    if (late) {
      child.kill('SIGKILL');
      await exit;
      throw new Error(`${args.join(' ')} was still running ${STOPS_WITHIN_MS} ms after ${signal}:\n${output}`);
    }
  };

  const deadline = performance.now() + READY_WITHIN_MS;
  const isReady = () =>
    fetch(readyUrl).then(
      (response) => response.ok,
      () => false,
    );
  while (!(await isReady())) {
    if (hasExited(child)) throw new Error(`${args.join(' ')} exited with ${child.exitCode}:\n${output}`);
    if (performance.now() > deadline) {
      await end('SIGKILL');
      throw new Error(`${args.join(' ')} is not ready after ${READY_WITHIN_MS} ms:\n${output}`);
    }
    await sleep(25);
  }
  return { child, output: () => output, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') };
};
