/** The indexes that this version declares: made anew at the first start on what another version left behind. */
import { collections } from '../collections.js';
import { indexKeyOf } from './entries.js';
import { rangeOf } from './everyRecord.js';
import { recordKey } from './keys.js';
import { type StoredRecord, type Tables, write } from './tables.js';

const DECLARED = 'declaredIndexes';

/** A transaction keeps the pages that it changes in memory. */
const RECORDS_PER_TRANSACTION = 2_000;

/**
 * Makes all index entries anew unless they are of these very declarations. It reads every record and writes its entries; no
 * server may work on the folder meanwhile. What breaks off begins from the start the next time.
 */
export async function makeDeclaredIndexes(tables: Tables): Promise<void> {
  const declared = JSON.stringify(collections.map(({ name, indexes }) => [name, indexes]));
  if (tables.root.get(DECLARED) === declared) return;
  tables.indexes.clearSync();
  for (const collection of collections) {
    const { start, end } = rangeOf(collection);
    let records: StoredRecord[];
    let from: object = { start };
    do {
      records = await write(tables, () => {
        const range = tables.records.getRange({ ...from, end, limit: RECORDS_PER_TRANSACTION });
        const read = Array.from(range, ({ value }) => value);
        for (const record of read) {
          for (const name of Object.keys(collection.indexes)) {
            const key = indexKeyOf(collection, name, record);
            if (key) void tables.indexes.put(key, record.id);
          }
        }
        return read;
      });
      const last = records.at(-1);
      if (last) from = { start: recordKey(collection.name, last.id), exclusiveStart: true };
    } while (records.length === RECORDS_PER_TRANSACTION);
  }
  await write(tables, () => void tables.root.put(DECLARED, declared));
}
