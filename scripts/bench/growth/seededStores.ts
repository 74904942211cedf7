/** Stores with a population in them: filled once, and kept where that is asked for. */
import { access, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashPassword } from '#src/accounts/passwords.js';
import type { Collection, Identified, Stored } from '#src/stores/collection.js';
import { makeDeclaredIndexes } from '#src/stores/embedded/declaredIndexes.js';
import { writeRecord } from '#src/stores/embedded/entries.js';
import { openEmbeddedStores } from '#src/stores/embedded/open.js';
import { openTables, write } from '#src/stores/embedded/tables.js';
import { fill } from '#src/stores/mongo/fill.js';
import { connectMongo } from '#src/stores/mongo/open.js';
import { bringForward } from '#src/stores/mongo/schema.js';
import { openProductionStores } from '#src/stores/openStores.js';
import { accounts } from '#src/stores/records/account.js';
import { connections } from '#src/stores/records/connection.js';
import { members } from '#src/stores/records/member.js';
import { organizations } from '#src/stores/records/organization.js';
import type { Stores } from '#src/stores/stores.js';
import { UsageError } from '../../cli/exitCodes.js';
import { progressOf } from '../../cli/progress.js';
import { accountsOf, connectionsOf, membersOf, organizationsOf, sizes } from './population.js';

/** Of everybody in a seeded store. */
export const PASSWORD = 'growth-password';

export interface SeededStores {
  readonly stores: Stores;
  /** What a server needs in its environment to work on the same stores. */
  readonly env: Readonly<Record<string, string>>;
  /** What DATA_DIR of a server on it is; with the embedded store only. */
  readonly dataDir?: string;
  /** Closes, and takes everything away that is not to be kept. */
  remove(): Promise<void>;
}

type Part = readonly [Collection<Identified>, Iterable<Stored<Identified>>, count: number];

const population = async (total: number): Promise<readonly Part[]> =>
  [
    [accounts, accountsOf(total, await hashPassword(PASSWORD)), sizes(total).accounts],
    [organizations, organizationsOf(total), sizes(total).organizations],
    [members, membersOf(total), 2 * sizes(total).accounts],
    [connections, connectionsOf(total), total],
  ] as unknown as readonly Part[];

const BATCH = 2_000;

/**
 * An embedded store.
 * @param keep a folder that holds the stores of earlier runs and keeps this one; undefined for a temporary one
 */
export async function seedEmbedded(total: number, keep?: string): Promise<SeededStores> {
  const folder = keep === undefined ? await mkdtemp(join(tmpdir(), 'bench-growth-')) : join(keep, `${total}`);
  const store = join(folder, 'store');
  const there = await access(store).then(
    () => true,
    () => false,
  );
  if (!there) await fillEmbedded(total, folder, store);
  const stores = await openEmbeddedStores(store);
  return {
    stores,
    env: { DATA_DIR: folder },
    dataDir: folder,
    async remove() {
      await stores.close();
      if (keep === undefined) await rm(folder, { recursive: true });
    },
  };
}

async function fillEmbedded(total: number, folder: string, store: string): Promise<void> {
  const [seeded, compact] = [join(folder, 'seeded'), join(folder, 'compact')];
  for (const path of [seeded, compact]) {
    await rm(path, { recursive: true, force: true });
    await mkdir(path, { recursive: true });
  }
  const tables = openTables(seeded);
  await makeDeclaredIndexes(tables);
  for (const [collection, records, count] of await population(total)) {
    const progress = progressOf(collection.name, count);
    let written = 0;
    for (const batch of batches(records)) {
      await write(tables, () => {
        for (const record of batch) writeRecord(tables, collection, undefined, { ...record });
      });
      written += batch.length;
      progress.report(written);
    }
    progress.end();
  }
  // Large transactions leave long lists of free pages behind, which each commit then carries along for a while.
  await tables.root.backup(compact, true);
  await tables.root.close();
  await rm(seeded, { recursive: true });
  await rename(compact, store);
}

function* batches<T>(items: Iterable<T>): Generator<T[]> {
  let batch: T[] = [];
  for (const item of items) {
    batch.push(item);
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/**
 * A database of the server of MONGODB_URI, beside the Redis of REDIS_URL.
 * @param keep how the names of databases of earlier runs begin, of which this one becomes one; undefined for one that goes
 */
export async function seedMongo(total: number, keep?: string): Promise<SeededStores> {
  const [uri, redisUrl] = [required('MONGODB_URI'), required('REDIS_URL')];
  const name = `${keep ?? `growth_${process.pid}`}_${total}`;
  const own = uri.replace(/^(mongodb(?:\+srv)?:\/\/[^/?]*)\/?[^?]*/, `$1/${name}`);
  const { client, db } = await connectMongo(own);
  // The schema version is written last, so a database that has one is complete.
  if ((await db.collection('meta').countDocuments()) === 0) {
    await db.dropDatabase();
    for (const [collection, records, count] of await population(total)) {
      const progress = progressOf(collection.name, count);
      await fill(db, collection, records, progress.report).finally(progress.end);
    }
    await bringForward(db, () => undefined);
  }
  const stores = await openProductionStores(own, redisUrl, () => undefined);
  return {
    stores,
    env: { MONGODB_URI: own, REDIS_URL: redisUrl },
    async remove() {
      await stores.close();
      if (keep === undefined) await db.dropDatabase();
      await client.close();
    },
  };
}

function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new UsageError(`${name} is not set; --stores mongo needs it.`);
  return value;
}
