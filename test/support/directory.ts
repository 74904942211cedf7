/** The operator's CLI, run beside the server under test on the same store. */
import { type ChildProcess, execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll } from '@jest/globals';
import { z } from 'zod';
import type { TestServer } from './server.js';

const run = promisify(execFile);
const WARM = fileURLToPath(new URL('./warmDirectory.mjs', import.meta.url));

const envOf = (server: TestServer) => ({ PATH: process.env.PATH, ...server.env });

/**
 * Runs `npm run directory -- …` in a process of its own, as an operator does; rejects when it exits with an error.
 * @param server whose store it works on
 * @param args the command, e.g. `mcp-access`, `off`, `Acme Robotics`; before it, what is piped in
 * @returns what it printed
 */
export const directoryProcess = async (
  server: TestServer,
  ...args: readonly [{ readonly input: string }, ...string[]] | readonly string[]
): Promise<string> => {
  const { piped, words } = parted(args);
  const running = run(process.execPath, ['dist/scripts/directory.js', ...words], { env: envOf(server) });
  running.child.stdin?.end(piped);
  const { stdout } = await running;
  return stdout;
};

/**
 * The same, in another process than the server's that the commands of a test file share: for what a test needs done, since
 * most of a command's time is the start of its process. What is piped in needs a process of its own.
 */
export const directory: typeof directoryProcess = async (server, ...args) => {
  const { piped, words } = parted(args);
  if (piped !== undefined) return directoryProcess(server, ...args);
  const { code, stdout, stderr } = await carryOut(words, envOf(server));
  if (code === 0) return stdout;
  throw Object.assign(new Error(`Command failed: ${words.join(' ')}\n${stderr}`), { code, stdout, stderr });
};

function parted(args: readonly (string | { readonly input: string })[]): {
  piped: string | undefined;
  words: string[];
} {
  const [first] = args;
  return {
    piped: typeof first === 'object' ? first.input : undefined,
    words: args.flatMap((word) => (typeof word === 'string' ? [word] : [])),
  };
}

const Outcome = z.object({ id: z.number(), code: z.number(), stdout: z.string(), stderr: z.string() });

let warm: ChildProcess | undefined;
let asked = 0;
afterAll(async () => {
  if (!warm?.connected) return;
  const exited = once(warm, 'exit');
  warm.disconnect();
  await exited;
});

function carryOut(args: readonly string[], env: Record<string, string | undefined>): Promise<z.infer<typeof Outcome>> {
  warm ??= fork(WARM, { execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const child = warm;
  asked += 1;
  const id = asked;
  return new Promise((resolve, reject) => {
    const answered = (message: unknown): void => {
      const outcome = Outcome.parse(message);
      if (outcome.id !== id) return;
      child.off('message', answered).off('exit', ended);
      resolve(outcome);
    };
    const ended = (code: number | null): void =>
      reject(new Error(`The process for commands ended with ${code} while one was under way.`));
    child.on('message', answered).once('exit', ended);
    child.send({ id, args, env });
  });
}
