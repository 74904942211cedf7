/**
 * How fast this server is beside bare Node.js and two libraries: `npm run bench`. Servers run on one core and the load
 * on another. `--stores mongo` measures it on MongoDB and Redis (MONGODB_URI and REDIS_URL).
 */
import { Command, Option } from 'commander';
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
const program = new Command('bench')
  .addOption(new Option('--stores <kind>').choices(['embedded', 'mongo']).default('embedded'))
  .option('--beside <pids>', 'processes whose work is no disturbance: mongod, redis-server', numbers, [])
  .addOption(new Option('--only <part>', 'measure one part').choices(PARTS))
  .option('--rounds <count>', 'undisturbed rounds that count', Number, 5)
  .option('--seconds <count>', 'length of each measurement', Number, 4)
  .option('--large <count>', 'ask about a store of so many connections too', Number)
  .action(async ({ stores, beside, only, rounds, seconds, large }: Given) => {
    const options = { rounds, beside };
    if (stores === 'mongo') {
      console.log(await compareOnMongo(options, seconds));
      return;
    }
    const parts = {
      start: () => startUp(rounds),
      introspection: () => compareIntrospection(options, seconds, large ? [large] : []),
      token: () => compareTokenEndpoint(options, seconds),
      authorizations: () => authorizations(options, seconds),
    };
    for (const part of PARTS) if (only === undefined || only === part) console.log(await parts[part]());
  });
await program.parseAsync();
