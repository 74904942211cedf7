/** `npm run indexes`: brings the database of MONGODB_URI to what this version needs. */
import { Command } from 'commander';
import { ConfigError, loadConfig } from '#src/config.js';
import { answered } from '#src/stores/mongo/errors.js';
import { connectMongo } from '#src/stores/mongo/open.js';
import { bringForward, demandSchema } from '#src/stores/mongo/schema.js';
import { StoreUnavailableError } from '#src/stores/stores.js';

const program = new Command('indexes')
  .description('Migrates the database of MONGODB_URI and makes the indexes that this version needs.')
  .option('--check', 'change nothing; fail and say what is missing or different')
  .addHelpText(
    'after',
    `
Reads the same environment as the server. An index that is there but different is dropped and made again; until it is
made the database does not guard what a unique index guards, so stop the servers before. Running it again does no harm.`,
  )
  .action(async ({ check }: { check?: true }) => {
    const { mongodbUri } = loadConfig();
    if (mongodbUri === undefined)
      throw new ConfigError('MONGODB_URI is not set; the embedded store makes its indexes itself.');
    const { client, db } = await connectMongo(mongodbUri);
    try {
      if (!check) await answered(() => bringForward(db, (line) => console.log(line)));
      await answered(() => demandSchema(db));
      console.log(`The database "${db.databaseName}" has what this version needs.`);
    } finally {
      await client.close();
    }
  });

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof ConfigError) && !(error instanceof StoreUnavailableError)) throw error;
  const reason = error.cause instanceof Error ? ` ${error.cause.message}` : '';
  console.error(`${error.message}${reason}`);
  process.exitCode = 1;
}
