/** The durable store on LMDB: one get for a record, one write transaction for a commit. */
import type { Collection, Identified, IndexValue, Stored } from '../collection.js';
import { collections } from '../collections.js';
import type { Change, DurableStore, Found, ListOptions, Wanted } from '../durable.js';
import { parsedChange } from '../parsedChange.js';
import { Batch } from './batch.js';
import { exists, writeRecord } from './entries.js';
import { rangeOf } from './everyRecord.js';
import { KeptRecords } from './keptRecords.js';
import { madeBefore, recordKey } from './keys.js';
import { countUp, type Revisions } from './revisions.js';
import { countEntries, countKeys, scanInSteps } from './scan.js';
import { sweepExpired, sweepRange } from './sweep.js';
import { type StoredRecord, type Tables, write } from './tables.js';

/** Where the revision says nothing. */
const NONE = 0;

/** Shared by the processes that open the same folder. */
export class EmbeddedDurableStore implements DurableStore {
  readonly #records: KeptRecords;

  constructor(
    private readonly tables: Tables,
    private readonly revisions: Revisions,
  ) {
    this.#records = new KeptRecords(tables, revisions);
  }

  async get<T extends Identified>(collection: Collection<T>, id: string): Promise<Stored<T> | undefined> {
    const one = untyped(collection);
    const revision = one.changesCounted ? this.revisions.now() : NONE;
    return typed<T>(this.#get(one, id, revision, Date.now()));
  }

  async getEach<L extends readonly Identified[]>(...wanted: Wanted<L>): Promise<Found<L>> {
    const [revision, now] = [this.revisions.now(), Date.now()];
    return wanted.map(([collection, id]) => this.#get(untyped(collection), id, revision, now)) as Found<L>;
  }

  #get(collection: Collection<Identified>, id: string, revision: number, now: number): StoredRecord | undefined {
    const record = collection.changesCounted
      ? this.#records.get(collection, id, revision)
      : this.tables.records.get(recordKey(collection.name, id));
    return exists(collection, record, now) ? record : undefined;
  }

  async list<T extends Identified, I extends string>(
    collection: Collection<T, I>,
    index: I,
    key: readonly IndexValue[],
    options: ListOptions = {},
  ): Promise<Stored<T>[]> {
    return (await scanInSteps(this.tables, untyped(collection), index, key, options)) as unknown as Stored<T>[];
  }

  count<T extends Identified, I extends string>(
    collection: Collection<T, I>,
    index: I,
    key: readonly IndexValue[],
    { limit }: Pick<ListOptions, 'limit'> = {},
  ): Promise<number> {
    return countEntries(this.tables, untyped(collection), index, key, limit);
  }

  estimate<T extends Identified>(collection: Collection<T>): Promise<number> {
    return countKeys(this.tables.records, rangeOf(untyped(collection)));
  }

  /** @param beside writes to the same environment, in the commit's transaction, once its conditions hold; it reads no kept records */
  async commit(changes: readonly Change[], beside?: () => void): Promise<{ readonly removed: number }> {
    // Outside the write transaction, so that a record that does not fit holds up nobody and leaves nothing half done.
    const parsed = changes.map(parsedChange);
    return write(this.tables, () => {
      const batch = new Batch(this.tables);
      for (const change of parsed) batch.add(change);
      beside?.();
      return batch.write();
    });
  }

  async sweep(): Promise<void> {
    const byName = new Map(collections.map((collection) => [collection.name, collection]));
    await sweepExpired(this.tables, this.tables.recordExpiry, (expired) => {
      const counted: string[] = [];
      for (const [name, id] of expired) {
        const collection = byName.get(name);
        const record = this.tables.records.get(recordKey(name, id));
        if (!collection || !record) continue;
        writeRecord(this.tables, collection, record, undefined);
        // Over by this clock; by another one, or this one put right, it may be kept somewhere.
        if (collection.changesCounted?.(record)) counted.push(id);
      }
      countUp(this.tables, counted);
    });
    const now = Date.now();
    for (const collection of collections) {
      if (collection.livesAtMost === undefined) continue;
      const range = madeBefore(collection.name, now - collection.livesAtMost);
      await sweepRange(this.tables, this.tables.records, range, (record) => !exists(collection, record, now));
    }
  }
}

/** Within this store a record is what was read; its type is what the collection's schema let in. */
const typed = <T extends Identified>(record: StoredRecord | undefined): Stored<T> => record as unknown as Stored<T>;

const untyped = <T extends Identified, I extends string>(collection: Collection<T, I>): Collection<Identified> =>
  collection as unknown as Collection<Identified>;
