/** The operator's CLI, run beside the server under test on the same store. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { TestServer } from './server.js';

const run = promisify(execFile);

/**
 * Runs `npm run directory -- …`; rejects when it exits with an error.
 * @param server whose store it works on
 * @param args the command, e.g. `mcp-access`, `off`, `Acme Robotics`; before it, what is piped in
 * @returns what it printed
 */
export const directory = async (
  server: TestServer,
  ...args: readonly [{ readonly input: string }, ...string[]] | readonly string[]
): Promise<string> => {
  const env = { PATH: process.env.PATH, ...server.env };
  const [first, ...rest] = args;
  const piped = typeof first === 'object' ? first.input : undefined;
  const words = typeof first === 'object' ? rest : args;
  const running = run(process.execPath, ['dist/scripts/directory.js', ...(words as string[])], { env });
  running.child.stdin?.end(piped);
  const { stdout } = await running;
  return stdout;
};
