/**
 * How fast this server is beside bare Node.js and two libraries: `npm run bench`. Servers run on one core and the load
 * on another. `--stores mongo` measures it on MongoDB and Redis (MONGODB_URI and REDIS_URL).
 */
import { Command, Option } from 'commander';
import { compareIntrospection } from './compare/introspection.js';
import { startUp } from './compare/startUp.js';
import { compareTokenEndpoint } from './compare/tokenEndpoint.js';

const PARTS = ['start', 'introspection', 'token'] as const;

interface Given {
  readonly only?: (typeof PARTS)[number];
  readonly rounds: number;
  readonly seconds: number;
  readonly large?: number;
}

const program = new Command('bench')
  .addOption(new Option('--only <part>', 'measure one part').choices(PARTS))
  .option('--rounds <count>', 'undisturbed rounds that count', Number, 5)
  .option('--seconds <count>', 'length of each measurement', Number, 4)
  .option('--large <count>', 'ask about a store of so many connections too', Number)
  .action(async ({ only, rounds, seconds, large }: Given) => {
    const options = { rounds, beside: [] };
    const parts = {
      start: () => startUp(rounds),
      introspection: () => compareIntrospection(options, seconds, large ? [large] : []),
      token: () => compareTokenEndpoint(options, seconds),
    };
    for (const part of PARTS) if (only === undefined || only === part) console.log(await parts[part]());
  });
await program.parseAsync();
