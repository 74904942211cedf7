/** The version of what is stored: set up at first start, demanded at every start, brought forward by a command. */
import type { Db } from 'mongodb';
import { collections } from '../collections.js';
import { UnfitStoreError } from '../stores.js';
import { indexProblems, makeIndex, nameOf } from './indexes.js';
import { migrations } from './migrations.js';
import { setUpAlone } from './setUpAlone.js';

/** What this version of the server reads and writes. Raise it together with a migration that leads there. */
export const SCHEMA_VERSION = 1;

const COMMAND = 'npm run indexes';

interface SchemaDocument {
  readonly _id: string;
  readonly version: number;
}

/**
 * Sets an empty database up, and checks any other one without changing it.
 * @param lookOnly an empty database is left as it is
 * @throws UnfitStoreError that names what is missing or different and says what to do
 */
export async function demandSchema(db: Db, lookOnly = false): Promise<void> {
  const version = await storedVersion(db);
  const empty = version === undefined && (await isEmpty(db));
  if (empty && lookOnly) return;
  if (empty) await bringForward(db, () => undefined);
  else demandVersion(db, version);
  const problems = await indexProblems(db);
  if (problems.length === 0) return;
  const list = problems.map(({ index, problem }) => `${nameOf(index)} is ${problem}`).join(', ');
  throw new UnfitStoreError(
    `The indexes of the database "${db.databaseName}" are not those of this version: ${list}. Run "${COMMAND}", then start again.`,
  );
}

/**
 * Migrates to this version's schema, makes the indexes that are missing and makes the different ones anew.
 * @param report is told each thing that was done
 * @throws UnfitStoreError when the database belongs to a newer version
 */
export const bringForward = (db: Db, report: (line: string) => void): Promise<void> =>
  setUpAlone(db, () => bring(db, report));

async function bring(db: Db, report: (line: string) => void): Promise<void> {
  const version = (await storedVersion(db)) ?? SCHEMA_VERSION;
  if (version > SCHEMA_VERSION) demandVersion(db, version);
  for (const migration of migrations.filter(({ to }) => to > version).sort((a, b) => a.to - b.to)) {
    await migration.run(db);
    await storeVersion(db, migration.to);
    report(`migrated to schema version ${migration.to}`);
  }
  for (const { index, problem } of await indexProblems(db)) {
    if (problem === 'different') await db.collection(index.collection).dropIndex(index.name);
    await makeIndex(db, index);
    report(`${nameOf(index)} was ${problem} and is made`);
  }
  // Last, so that a set-up that broke off is taken up again by the next start.
  await storeVersion(db, SCHEMA_VERSION);
}

function demandVersion({ databaseName }: Db, version: number | undefined): void {
  if (version === SCHEMA_VERSION) return;
  const what =
    version === undefined
      ? `has records but no schema version; if they are this server's, run "${COMMAND}", otherwise name another database in MONGODB_URI`
      : version > SCHEMA_VERSION
        ? `has schema version ${version}, which a newer version of this server made; start that one (this one knows ${SCHEMA_VERSION})`
        : `has schema version ${version}, and this version needs ${SCHEMA_VERSION}; stop all servers, back up, and run "${COMMAND}"`;
  throw new UnfitStoreError(`The database "${databaseName}" ${what}.`);
}

const metaOf = (db: Db) => db.collection<SchemaDocument>('meta');

async function storedVersion(db: Db): Promise<number | undefined> {
  return (await metaOf(db).findOne({ _id: 'schema' }))?.version;
}

async function storeVersion(db: Db, version: number): Promise<void> {
  await metaOf(db).updateOne({ _id: 'schema' }, { $set: { version } }, { upsert: true });
}

async function isEmpty(db: Db): Promise<boolean> {
  for (const { name } of collections)
    if (await db.collection(name).findOne({}, { projection: { _id: 1 } })) return false;
  return true;
}
