/** The operator's CLI, run beside the server under test on the same store. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { TestServer } from './server.js';

const run = promisify(execFile);

/**
 * Runs `npm run directory -- …`; rejects when it exits with an error.
 * @param server whose store it works on
 * @param args the command, e.g. `mcp-access`, `off`, `Acme Robotics`
 * @returns what it printed
 */
export const directory = async (server: TestServer, ...args: string[]): Promise<string> => {
  const env = { PATH: process.env.PATH, ...server.env };
  const { stdout } = await run(process.execPath, ['dist/scripts/directory.js', ...args], { env });
  return stdout;
};
