/** The production tree started as the container starts it: another user, a folder that cannot be written to, no more environment than is given. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

const READY_WITHIN_MS = 15_000;
/** The user of the Dockerfile. */
const USER = 1_000;
const isRoot = process.getuid?.() === 0;

export interface Container {
  /** Runs a program of the image beside the server; what it says on standard output. */
  run(...args: readonly string[]): Promise<string>;
  /** Sends SIGTERM; the exit code. */
  stop(): Promise<number | null>;
  /** Files that the server's folder has, with size and time of change. */
  listing(): string;
}

/**
 * Starts `node dist/main.js` in a folder.
 * @param app the folder; from then on nobody may write to it
 * @param node the program to run it with
 * @param env the whole environment, beside what the Dockerfile sets; DATA_DIR is a new folder
 * @throws Error with its output when it does not become ready
 */
export async function startContainer(app: string, node: string, env: Record<string, string>): Promise<Container> {
  const folder = await mkdtemp(join(tmpdir(), 'container-'));
  const [data, program] = [join(folder, 'data'), join(folder, 'node')];
  await mkdir(data, { mode: 0o700 });
  // Where the caller keeps it, the other user may not look.
  await cp(node, program);
  await chmod(folder, 0o755);
  execFileSync('chmod', ['-R', 'a-w,a+rX', app]);
  if (isRoot) await chown(data, USER, USER);
  // Without root there is no other user to become, and the folder is merely read-only.
  const user = isRoot
    ? ['setpriv', `--reuid=${USER}`, `--regid=${USER}`, '--clear-groups', '--bounding-set=-all', '--no-new-privs', '--']
    : [];
  const start = (args: readonly string[]) => {
    const [file = program, ...rest] = [...user, program, ...args];
    const whole = { NODE_ENV: 'production', DATA_DIR: data, ...env, PATH: process.env.PATH };
    return spawn(file, rest, { cwd: app, env: whole, stdio: ['ignore', 'pipe', 'pipe'] });
  };

  const server = start(['dist/main.js']);
  let output = '';
  for (const stream of [server.stdout, server.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
  const exited = once(server, 'exit');
  const deadline = performance.now() + READY_WITHIN_MS;
  const ready = () =>
    fetch(`http://127.0.0.1:${env.PORT}/health/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
  while (!(await ready())) {
    if (server.exitCode !== null || performance.now() > deadline) {
      server.kill('SIGKILL');
      throw new Error(`Not ready (exit code ${server.exitCode}):\n${output}`);
    }
    await sleep(25);
  }
  return {
    async run(...args) {
      const child = start(args);
      const ended = once(child, 'close');
      const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
      if (code !== 0) throw new Error(`${args.join(' ')}: exit code ${code}\n${err}`);
      return out;
    },
    async stop() {
      server.kill('SIGTERM');
      await exited;
      await rm(folder, { recursive: true, force: true });
      return server.exitCode;
    },
    listing: () => execFileSync('find', ['.', '-type', 'f', '-printf', '%P %s %T@\n'], { cwd: app, encoding: 'utf8' }),
  };
}
