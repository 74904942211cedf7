/** `npm run indexes`: brings the database of MONGODB_URI to what this version needs. */
import type { Command } from 'commander';
import { ConfigError, loadConfig } from '#src/config.js';
import { answered } from '#src/stores/mongo/errors.js';
import { connectMongo } from '#src/stores/mongo/open.js';
import { bringForward, demandSchema } from '#src/stores/mongo/schema.js';
import { createProgram, run, say, wantsJson, withExamples } from './cli/command.js';

const program = withExamples(
  createProgram(
    'indexes',
    `Migrates the database of MONGODB_URI and makes the indexes that this version needs.

Reads the same environment as the server. An index that is there but different is dropped and made again; until it is
made the database does not guard what a unique index guards, so stop the servers before. Running it again does no harm.`,
  ),
  'npm run indexes',
  'npm run indexes -- --check',
)
  .option('--check', 'change nothing; fail and say what is missing or different')
  .action(bring);

async function bring({ check }: { check?: true }, command: Command): Promise<void> {
  const { mongodbUri } = loadConfig();
  if (mongodbUri === undefined)
    throw new ConfigError('MONGODB_URI is not set; the embedded store makes its indexes itself.');
  const { client, db } = await connectMongo(mongodbUri);
  const done: string[] = [];
  const report = (line: string): void => {
    done.push(line);
    if (!wantsJson(command)) console.log(line);
  };
  try {
    if (!check) await answered(() => bringForward(db, report));
    await answered(() => demandSchema(db, check === true));
    say(command, {
      text: [`The database "${db.databaseName}" has what this version needs.`],
      json: { database: db.databaseName, done },
    });
  } finally {
    await client.close();
  }
}

await run(program);
