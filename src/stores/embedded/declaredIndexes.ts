/** The indexes that this version declares: made anew at the first start on what another version left behind. */
import { collections } from '../collections.js';
import { indexKeyOf } from './entries.js';
import { rangeOf } from './everyRecord.js';
import { type Tables, write } from './tables.js';

const DECLARED = 'declaredIndexes';

/**
 * Makes all index entries anew unless they are of these very declarations. Takes as long as reading every record, and
 * all other writers of the folder wait meanwhile.
 */
export async function demandDeclaredIndexes(tables: Tables): Promise<void> {
  const declared = JSON.stringify(collections.map(({ name, indexes }) => [name, indexes]));
  const areThere = (): boolean => tables.root.get(DECLARED) === declared;
  if (areThere()) return;
  await write(tables, () => {
    // Another process may have been faster.
    if (areThere()) return;
    for (const key of [...tables.indexes.getKeys()]) void tables.indexes.remove(key);
    for (const collection of collections) {
      for (const { value: record } of tables.records.getRange(rangeOf(collection))) {
        for (const name of Object.keys(collection.indexes)) {
          const key = indexKeyOf(collection, name, record);
          if (key) void tables.indexes.put(key, record.id);
        }
      }
    }
    void tables.root.put(DECLARED, declared);
  });
}
