/**
 * Records that were read before and are still what is stored. Each change of them is counted and noted inside its own
 * transaction, by whichever process, and the count is read each time: it is all that reading one again costs.
 */
import type { Collection, Identified } from '../collection.js';
import { recordKey } from './keys.js';
import type { Revisions } from './revisions.js';
import type { StoredRecord, Tables } from './tables.js';

/** So many are kept of a collection at most; most have half a kilobyte. */
const MOST_RECORDS = 10_000;
/** A longer one, as JSON, is read anew each time: whoever registers clients could fill the memory otherwise. */
const LONGEST_RECORD = 4_000;

interface Kept {
  /** The store's, before it was read. */
  readonly revision: number;
  readonly record: StoredRecord;
}

/** The records of one process. */
export class KeptRecords {
  readonly #kept = new Map<string, Map<string, Kept>>();

  constructor(
    private readonly tables: Tables,
    private readonly revisions: Revisions,
  ) {}

  /**
   * The record as it is stored now; one that is kept cannot be changed by whoever gets it.
   * @param revision the store's, of this moment
   */
  get(collection: Collection<Identified>, id: string, revision: number): StoredRecord | undefined {
    const all = this.#of(collection);
    const kept = all.get(id);
    if (kept && !this.revisions.changedSince(kept.revision, id)) return kept.record;
    all.delete(id);
    const record = this.tables.records.get(recordKey(collection.name, id));
    if (!record || !collection.changesCounted?.(record) || JSON.stringify(record).length > LONGEST_RECORD)
      return record;
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

/** Down to its last part, without recursion: a record's metadata may be any JSON. */
function frozen(record: StoredRecord): StoredRecord {
  const parts: unknown[] = [record];
  for (let part = parts.pop(); part !== undefined; part = parts.pop())
    if (typeof part === 'object' && part !== null)
      for (const inner of Object.values(Object.freeze(part))) if (typeof inner === 'object') parts.push(inner);
  return record;
}
