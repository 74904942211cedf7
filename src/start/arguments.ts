/** What the server is asked to do on its command line. */
import { parseArgs } from 'node:util';
import { ConfigError } from '../config.js';

export const USAGE = `npm start                 serves
npm start -- --check      checks the configuration and the stores, changes nothing, and exits

Exit codes: 0 done, 1 refused by the machine or by what is stored, 2 the configuration or the command line is wrong,
3 a store does not answer, 70 a defect of this program.`;

/**
 * Reads the command line.
 * @param args what comes after the program's name
 * @throws ConfigError when something else stands there
 */
export function readArguments(args: readonly string[]): 'serve' | 'serveDemo' | 'check' | 'help' {
  try {
    const { check, demo, help } = parseArgs({
      args: [...args],
      // `--demo` is for `npm run demo` alone, which tells what to do next itself.
      options: { check: { type: 'boolean' }, demo: { type: 'boolean' }, help: { type: 'boolean' } },
    }).values;
    if (help) return 'help';
    if (check) return 'check';
    return demo ? 'serveDemo' : 'serve';
  } catch (cause) {
    throw new ConfigError(`${(cause as Error).message}.\n${USAGE}`, { cause });
  }
}
