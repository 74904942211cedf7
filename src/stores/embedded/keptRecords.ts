/**
 * Records that were read before and are still what is stored. Each change of them is counted and noted inside its own
 * transaction, by whichever process, and the count is read each time: it is all that reading one again costs.
 */
import { BoundedCache } from '../../boundedCache.js';
import type { Collection, Identified } from '../collection.js';
import { recordKey } from './keys.js';
import type { Revisions } from './revisions.js';
import type { StoredRecord, Tables } from './tables.js';

/** So much is kept of a collection at most, in bytes: some six thousand records. */
const MOST = 6_000_000;
/** What a record takes beside its text. */
const BESIDE = 500;
/** A longer one, as JSON, is read anew each time: whoever registers clients could drive all others out otherwise. */
const LONGEST_RECORD = 4_000;

interface Kept {
  /** The store's, before it was read. */
  readonly revision: number;
  readonly record: StoredRecord;
  readonly bytes: number;
}

/** The records of one process. */
export class KeptRecords {
  readonly #kept = new Map<string, BoundedCache<Kept>>();

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
    if (!record || !collection.changesCounted?.(record)) return record;
    const bytes = Buffer.byteLength(JSON.stringify(record));
    if (bytes <= LONGEST_RECORD) all.set(id, { revision, record: frozen(record), bytes: bytes + BESIDE });
    return record;
  }

  #of({ name }: Collection<Identified>): BoundedCache<Kept> {
    const known = this.#kept.get(name);
    if (known) return known;
    const made = new BoundedCache<Kept>(MOST);
    this.#kept.set(name, made);
    return made;
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
