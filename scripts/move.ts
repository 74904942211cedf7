/** `npm run move`: from the embedded store in DATA_DIR to the empty database of MONGODB_URI. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { type Config, ConfigError, loadConfig } from '#src/config.js';
import { openSigningKey } from '#src/oauth/signingKeys.js';
import { collections } from '#src/stores/collections.js';
import { everyRecord, recordCount } from '#src/stores/embedded/everyRecord.js';
import { openTables, type Tables } from '#src/stores/embedded/tables.js';
import { answered } from '#src/stores/mongo/errors.js';
import { demandEmpty, fill } from '#src/stores/mongo/fill.js';
import { connectMongo } from '#src/stores/mongo/open.js';
import { demandSchema } from '#src/stores/mongo/schema.js';
import { type SigningKey, signingKeys } from '#src/stores/records/signingKey.js';
import { UnfitStoreError } from '#src/stores/stores.js';
import { createProgram, run, say, withExamples } from './cli/command.js';
import { progressOf } from './cli/progress.js';
import { counted } from './directory/answer.js';

const program = withExamples(
  createProgram(
    'move',
    `Copies everything that lasts from the embedded store in DATA_DIR to the empty database of MONGODB_URI.

Stop the server first. DATA_DIR stays as it is. Reads the environment that the server will have afterwards, so
ENCRYPTION_KEY and COOKIE_KEYS must be those of DATA_DIR; docs/moving.md says how.`,
  ),
  'npm run move',
  'npm run --silent move -- --json',
).action(async (_options: object, command: Command) => {
  const config = loadConfig();
  if (config.mongodbUri === undefined)
    throw new ConfigError('MONGODB_URI is not set; it says where everything shall be moved to.');
  const moved = await move(config, join(config.dataDir, 'store'), config.mongodbUri);
  say(command, {
    text: [
      ...Object.entries(moved).map(([collection, records]) => `${collection}: ${counted(records, 'record')}`),
      'Everything is moved. Start the server with MONGODB_URI and REDIS_URL; its clients stay connected.',
    ],
    json: { moved },
  });
});

/** @returns how many records of each collection */
async function move(config: Config, folder: string, mongodbUri: string): Promise<Record<string, number>> {
  if (!existsSync(join(folder, 'data.mdb')))
    throw new ConfigError(`There is no embedded store in "${folder}"; set DATA_DIR to the folder it is in.`);
  const tables = openTables(folder);
  try {
    demandKeys(config, tables);
    const { client, db } = await connectMongo(mongodbUri);
    try {
      await answered(() => demandEmpty(db));
      await answered(() => demandSchema(db));
      const counts: Record<string, number> = {};
      for (const collection of collections) {
        const progress = progressOf(collection.name, recordCount(tables, collection));
        const records = everyRecord(tables, collection);
        const moved = await answered(() => fill(db, collection, records, progress.report)).finally(progress.end);
        const there = await answered(() => db.collection(collection.name).countDocuments());
        // A TTL monitor may have taken away what expired meanwhile, so fewer is no defect, and more is somebody else's.
        if (there > moved)
          throw new UnfitStoreError(`Somebody else writes to "${db.databaseName}"; drop it and move again.`);
        counts[collection.name] = moved;
      }
      return counts;
    } finally {
      await client.close();
    }
  } finally {
    await tables.root.close();
  }
}

/** With other keys the server would not start on what was moved. */
function demandKeys(config: Config, tables: Tables): void {
  const untyped = collections.find(({ name }) => name === signingKeys.name);
  for (const key of untyped ? everyRecord(tables, untyped) : []) {
    try {
      openSigningKey(config, key as unknown as SigningKey);
    } catch {
      throw new ConfigError(
        'ENCRYPTION_KEY is not the key of this DATA_DIR; set it to what the file encryption-key there holds.',
      );
    }
  }
}

await run(program);
