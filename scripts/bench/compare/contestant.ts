/** Who takes part: servers, each in a process of its own on the core that is for servers. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** Servers run on this core; the load comes from the other. */
export const SERVER_CORE = 0;
export const LOAD_CORE = 1;

/** One request as the load sends it. */
export interface Asked {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A server's process. */
export interface Started {
  readonly pid: number;
  readonly port: number;
  /** What it is asked, in turns; each answer is 200. */
  readonly asked: readonly Asked[];
  stop(): Promise<void>;
}

export interface Contestant {
  readonly name: string;
  start(): Promise<Started>;
}

const programPath = (name: string): string => fileURLToPath(new URL(`./servers/${name}.js`, import.meta.url));

// Whatever goes wrong here, nothing is left running.
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill();
});
process.once('SIGTERM', () => process.exit(143));

/** Starts a Node.js program on a core. */
export function pinned(core: number, args: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
  // taskset becomes the program, so the child's pid is the program's.
  const child = spawn('taskset', ['-c', String(core), process.execPath, '--no-warnings', ...args], {
    env: { PATH: process.env.PATH, NODE_ENV: 'production', ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  running.add(child);
  // One that ends before it has read its input is found out by what it does not print.
  child.stdin?.on('error', () => undefined);
  child.once('exit', () => running.delete(child));
  return child;
}

/** Ends a process and waits until it is gone. */
export async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  await exit;
}

/**
 * Starts one of the programs in `servers/`. It gets its input as JSON on stdin and prints one line of JSON once it
 * listens: its port and, unless the caller says so, what it is asked.
 */
export async function startProgram(program: string, input: unknown): Promise<Started> {
  const child = pinned(SERVER_CORE, [programPath(program)]);
  child.stdin?.end(JSON.stringify(input));
  if (!child.stdout || child.pid === undefined) throw new Error(`${program} did not start.`);
  for await (const line of createInterface(child.stdout)) {
    // A library may greet first.
    if (!line.startsWith('{"port":')) continue;
    child.stdout.resume();
    const { port, asked } = JSON.parse(line) as Pick<Started, 'port' | 'asked'>;
    return { pid: child.pid, port, asked, stop: () => ended(child) };
  }
  throw new Error(`${program} did not start.`);
}
