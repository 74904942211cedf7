/** Tens of thousands of records, written below the stores' interface. */
import { join } from 'node:path';
import type { Collection, Identified, Stored } from '../../src/stores/collection.js';
import { writeRecord } from '../../src/stores/embedded/entries.js';
import { openTables, type StoredRecord, write } from '../../src/stores/embedded/tables.js';
import { fill } from '../../src/stores/mongo/fill.js';
import { connectMongo } from '../../src/stores/mongo/open.js';
import type { TestServer } from './server.js';

const AT_ONCE = 5_000;

/**
 * Adds records to the store of a server, which may run meanwhile.
 * @param records none of which are there yet, as their collection's schema would have parsed them
 */
export async function seedRecords<T extends Identified>(
  server: TestServer,
  collection: Collection<T>,
  records: Iterable<T>,
): Promise<void> {
  const untyped = collection as unknown as Collection<Identified>;
  const stored = (function* (): Generator<Stored<Identified>> {
    for (const record of records) yield { ...record, revision: 1 };
  })();
  const uri = server.env.MONGODB_URI;
  if (uri === undefined) return seedEmbedded(join(server.dataDir, 'store'), untyped, stored);
  const { client, db } = await connectMongo(uri);
  await fill(db, untyped, stored, () => undefined);
  await client.close();
}

async function seedEmbedded(
  folder: string,
  collection: Collection<Identified>,
  records: Generator<Stored<Identified>>,
): Promise<void> {
  const tables = openTables(folder);
  for (let done = false; !done; )
    await write(tables, () => {
      for (let n = 0; n < AT_ONCE && !done; n += 1) {
        const next = records.next();
        done = next.done === true;
        if (!next.done) writeRecord(tables, collection, undefined, next.value as StoredRecord);
      }
    });
  await tables.root.close();
}
