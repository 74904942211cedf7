/** Stores with a population in them. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Collection, Identified, Stored } from '#src/stores/collection.js';
import { writeRecord } from '#src/stores/embedded/entries.js';
import { openEmbeddedStores } from '#src/stores/embedded/open.js';
import { openTables, write } from '#src/stores/embedded/tables.js';
import { demandEmpty, fill } from '#src/stores/mongo/fill.js';
import { connectMongo } from '#src/stores/mongo/open.js';
import { demandSchema } from '#src/stores/mongo/schema.js';
import { openProductionStores } from '#src/stores/openStores.js';
import { accounts } from '#src/stores/records/account.js';
import { connections } from '#src/stores/records/connection.js';
import { members } from '#src/stores/records/member.js';
import { organizations } from '#src/stores/records/organization.js';
import type { Stores } from '#src/stores/stores.js';
import { progressOf } from '../../cli/progress.js';
import { accountsOf, connectionsOf, membersOf, organizationsOf, sizes } from './population.js';

export interface SeededStores {
  readonly stores: Stores;
  /** What DATA_DIR of a server on it is; with the embedded store only. */
  readonly dataDir?: string;
  /** Takes everything away. */
  remove(): Promise<void>;
}

type Part = readonly [Collection<Identified>, Iterable<Stored<Identified>>, number];

const population = (total: number): readonly Part[] =>
  [
    [accounts, accountsOf(total), sizes(total).accounts],
    [organizations, organizationsOf(total), sizes(total).organizations],
    [members, membersOf(total), 2 * sizes(total).accounts],
    [connections, connectionsOf(total), total],
  ] as unknown as readonly Part[];

const BATCH = 2_000;

/** An embedded store in a temporary folder. */
export async function seedEmbedded(total: number): Promise<SeededStores> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-growth-'));
  const seeded = join(folder, 'seeded');
  await mkdir(seeded);
  const tables = openTables(seeded);
  for (const [collection, records, count] of population(total)) {
    const progress = progressOf(collection.name, count);
    const left = records[Symbol.iterator]();
    let written = 0;
    for (let done = false; !done; ) {
      const batch: Stored<Identified>[] = [];
      while (batch.length < BATCH && !done) {
        const next = left.next();
        if (next.done) done = true;
        else batch.push(next.value);
      }
      await write(tables, () => {
        for (const record of batch) writeRecord(tables, collection, undefined, { ...record });
      });
      written += batch.length;
      progress.report(written);
    }
    progress.end();
  }
  // Large transactions leave long lists of free pages behind, which each commit then carries along for a while.
  await mkdir(join(folder, 'store'));
  await tables.root.backup(join(folder, 'store'), true);
  await tables.root.close();
  await rm(seeded, { recursive: true });
  const stores = await openEmbeddedStores(join(folder, 'store'));
  return {
    stores,
    dataDir: folder,
    async remove() {
      await stores.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** A database of the server of MONGODB_URI. */
export async function seedMongo(total: number, uri: string, redisUrl: string): Promise<SeededStores> {
  const own = uri.replace(/^(mongodb(?:\+srv)?:\/\/[^/?]*)\/?[^?]*/, `$1/growth_${total}_${process.pid}`);
  const { client, db } = await connectMongo(own);
  await demandEmpty(db);
  await demandSchema(db);
  for (const [collection, records, count] of population(total)) {
    const progress = progressOf(collection.name, count);
    await fill(db, collection, records, progress.report).finally(progress.end);
  }
  const stores = await openProductionStores(own, redisUrl, () => undefined);
  return {
    stores,
    async remove() {
      await stores.close();
      await db.dropDatabase();
      await client.close();
    },
  };
}
