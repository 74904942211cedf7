/**
 * How fast this server is beside bare Node.js and two libraries: `npm run bench`. Servers run on one core and the load
 * on another. `--stores mongo` measures it on MongoDB and Redis (MONGODB_URI and REDIS_URL).
 */
import { type Command, Option } from 'commander';
import { createProgram, run, say, wantsJson, withExamples } from '../cli/command.js';
import { authorizations } from './compare/authorizations.js';
import { compareIntrospection } from './compare/introspection.js';
import { compareOnMongo } from './compare/introspectionOnMongo.js';
import { startUp } from './compare/startUp.js';
import { compareTokenEndpoint } from './compare/tokenEndpoint.js';

const PARTS = ['start', 'introspection', 'token', 'authorizations'] as const;

interface Given {
  readonly stores: 'embedded' | 'mongo';
  readonly beside: readonly number[];
  readonly only?: (typeof PARTS)[number];
  readonly rounds: number;
  readonly seconds: number;
  readonly large?: number;
}

const numbers = (list: string): number[] => list.split(',').map(Number);

const program = withExamples(
  createProgram(
    'bench',
    'How fast this server is beside bare Node.js and two libraries, on two cores of this machine.',
  ),
  'npm run bench',
  'npm run bench -- --only introspection --rounds 9',
  'npm run --silent bench -- --only start --json',
)
  .addOption(new Option('--stores <kind>').choices(['embedded', 'mongo']).default('embedded'))
  .option('--beside <pids>', 'processes whose work is no disturbance: mongod, redis-server', numbers, [])
  .addOption(new Option('--only <part>', 'measure one part').choices(PARTS))
  .option('--rounds <count>', 'undisturbed rounds that count', Number, 5)
  .option('--seconds <count>', 'length of each measurement', Number, 4)
  .option('--large <count>', 'ask about a store of so many connections too', Number)
  .action(async ({ stores, beside, only, rounds, seconds, large }: Given, command: Command) => {
    const options = { rounds, beside };
    if (stores === 'mongo') return say(command, await compareOnMongo(options, seconds));
    const parts = {
      start: () => startUp(rounds),
      introspection: () => compareIntrospection(options, seconds, large ? [large] : []),
      token: () => compareTokenEndpoint(options, seconds),
      authorizations: () => authorizations(options, seconds),
    };
    const measured: Record<string, unknown> = {};
    for (const part of PARTS.filter((each) => only === undefined || only === each)) {
      const { text, json } = await parts[part]();
      measured[part] = json;
      // A part takes minutes, so what is known is said at once.
      if (!wantsJson(command)) say(command, { text, json });
    }
    if (wantsJson(command)) say(command, { text: [], json: measured });
  });
await run(program);
