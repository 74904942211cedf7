/** Filling an empty database from another store. */
import type { Db } from 'mongodb';
import type { Collection, Identified, Stored } from '../collection.js';
import { collections } from '../collections.js';
import { UnfitStoreError } from '../stores.js';
import { documentOf, type RecordDocument } from './documents.js';

/** So many documents go to the database at once. */
const BATCH = 1_000;

/**
 * Demands that no collection holds a record.
 * @throws UnfitStoreError that names one that does
 */
export async function demandEmpty(db: Db): Promise<void> {
  for (const { name } of collections)
    if (await db.collection(name).findOne({}, { projection: { _id: 1 } }))
      throw new UnfitStoreError(
        `The database "${db.databaseName}" of MONGODB_URI is not empty: there are ${name}. Name another one, or drop it if it is left from a move that was broken off.`,
      );
}

/**
 * Writes records with their revisions as they are.
 * @param report is told how many are written so far
 * @returns how many there were
 */
export async function fill(
  db: Db,
  collection: Collection<Identified>,
  records: Iterable<Stored<Identified>>,
  report: (written: number) => void,
): Promise<number> {
  const target = db.collection<RecordDocument>(collection.name);
  let written = 0;
  let batch: RecordDocument[] = [];
  const flush = async (): Promise<void> => {
    if (batch.length === 0) return;
    await target.insertMany(batch, { ordered: false });
    written += batch.length;
    batch = [];
    report(written);
  };
  for (const record of records) {
    batch.push(documentOf(collection, record, record.revision));
    if (batch.length === BATCH) await flush();
  }
  await flush();
  return written;
}
