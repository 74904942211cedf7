/**
 * How fast this server is beside bare Node.js and two libraries: `npm run bench`. Servers run on one core and the load
 * on another. `--stores mongo` measures it on MongoDB and Redis (MONGODB_URI and REDIS_URL).
 */
import { Command, Option } from 'commander';
import { compareIntrospection } from './compare/introspection.js';

const program = new Command('bench')
  .addOption(new Option('--stores <kind>').choices(['embedded', 'mongo']).default('embedded'))
  .option('--rounds <count>', 'undisturbed rounds that count', Number, 5)
  .option('--seconds <count>', 'length of each measurement', Number, 4)
  .option('--large <count>', 'compare with a store of so many connections too', Number)
  .action(async ({ rounds, seconds, large }) => {
    console.log(await compareIntrospection({ rounds, beside: [] }, seconds, large ? [large] : []));
  });
await program.parseAsync();
