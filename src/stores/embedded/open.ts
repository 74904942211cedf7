/** The embedded stores: both in one folder on disk, for one machine and any number of its processes. */
import { accessSync, constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../../makeFolder.js';
import { limiterInUse } from '../limiter.js';
import { type Stores, StoreUnavailableError } from '../stores.js';
import { makeDeclaredIndexes } from './declaredIndexes.js';
import { EmbeddedDurableStore } from './durable.js';
import { Revisions } from './revisions.js';
import { openTables, type Tables } from './tables.js';
import { EmbeddedVolatileStore } from './volatile.js';

/** What health checks call it. */
const NAME = 'embedded store';

/**
 * Opens the stores in a folder and makes the folder (mode 0700) where there is none.
 * @param folder a path on a local disk; LMDB does not work on network file systems
 * @param lookOnly the store must be there, and writing to it fails
 * @throws StoreUnavailableError when the folder cannot be made, read or written; the message says what to do
 */
export async function openEmbeddedStores(folder: string, lookOnly = false): Promise<Stores> {
  const tables = await openFolder(folder, lookOnly);
  if (!lookOnly) await makeDeclaredIndexes(tables);
  let open = true;
  const revisions = new Revisions(tables);
  const durable = new EmbeddedDurableStore(tables, revisions);
  const volatile = new EmbeddedVolatileStore(tables);
  return {
    durable,
    volatile,
    async commitTogether(values, changes) {
      const writes = values.map((value) => volatile.prepared(value));
      await durable.commit(changes, () => {
        for (const writeOne of writes) writeOne();
      });
    },
    // One server alone works on this folder; the CLI beside it counts nothing.
    limiter: (limit) =>
      limiterInUse(async () => {
        const { limiterOn, memoryCounter } = await import('../countedLimiter.js');
        return limiterOn(memoryCounter(limit));
      }),
    revision: () => revisions.now(),
    changedSince: (revision, ids) => ids.some((id) => revisions.changedSince(revision, id)),
    beginRequest: () => tables.root.resetReadTxn(),
    async check() {
      try {
        if (!open) throw new Error('It was closed.');
        // A folder that was deleted stays readable through the memory map, but nothing would last. Without a thread, since
        // all of them may be busy while this process can answer very well.
        accessSync(join(folder, 'data.mdb'), constants.R_OK | constants.W_OK);
        tables.records.get(['check', 'check']);
      } catch (cause) {
        throw new StoreUnavailableError(`The embedded store in "${folder}" cannot answer.`, { cause, away: [NAME] });
      }
    },
    async close() {
      if (!open) return;
      open = false;
      await tables.root.close();
    },
  };
}

async function openFolder(folder: string, lookOnly: boolean): Promise<Tables> {
  try {
    if (!lookOnly) makeFolder(folder);
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    return openTables(folder, lookOnly);
  } catch (cause) {
    throw new StoreUnavailableError(
      `The data folder "${folder}" cannot be opened; let this process read and write it, or set DATA_DIR to another folder.`,
      { cause },
    );
  }
}
