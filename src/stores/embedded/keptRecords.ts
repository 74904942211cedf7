/**
 * Records that were read before and are still what is stored. Each change of them counts their number up inside its own
 * transaction, by whichever process, and the number is read each time: it is all that reading one again costs.
 */
import type { Collection, Identified } from '../collection.js';
import { exists } from './entries.js';
import { recordKey } from './keys.js';
import { revisionOf } from './revisions.js';
import type { StoredRecord, Tables } from './tables.js';

/** So many are kept of a collection; most have half a kilobyte. */
const MOST_RECORDS = 10_000;

interface Kept {
  readonly revision: number;
  readonly record: StoredRecord;
}

/** The records of one process. */
export class KeptRecords {
  readonly #kept = new Map<string, Map<string, Kept>>();

  constructor(private readonly tables: Tables) {}

  /** The record as it is stored now; one that is kept cannot be changed by whoever gets it. */
  get(collection: Collection<Identified>, id: string, now: number): StoredRecord | undefined {
    const revision = revisionOf(this.tables, id);
    const kept = this.#of(collection).get(id);
    // One whose time is over may have been swept away and made again, which no number says.
    if (kept?.revision === revision && exists(collection, kept.record, now)) return kept.record;
    const record = this.tables.records.get(recordKey(collection.name, id));
    if (!record || !collection.counted?.(record)) return record;
    const all = this.#of(collection);
    if (all.size >= MOST_RECORDS) all.clear();
    all.set(id, { revision, record: frozen(record) });
    return record;
  }

  #of({ name }: Collection<Identified>): Map<string, Kept> {
    const found = this.#kept.get(name) ?? new Map<string, Kept>();
    if (found.size === 0) this.#kept.set(name, found);
    return found;
  }
}

/** Down to its last part, without recursion: metadata of clients can be nested as deeply as they like. */
function frozen(record: StoredRecord): StoredRecord {
  const parts: unknown[] = [record];
  for (let part = parts.pop(); part !== undefined; part = parts.pop())
    if (typeof part === 'object' && part !== null)
      for (const inner of Object.values(Object.freeze(part))) if (typeof inner === 'object') parts.push(inner);
  return record;
}
