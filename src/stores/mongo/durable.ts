/** The durable store on MongoDB: one document for a record, one transaction for a commit of several changes. */
import type { BulkWriteResult, ClientSession, Db, MongoClient } from 'mongodb';
import { nextTurn, turnIsOver } from '../../turns.js';
import type { Collection, Identified, IndexValue, Stored } from '../collection.js';
import { collections } from '../collections.js';
import {
  type Change,
  ConflictError,
  type DurableStore,
  type Found,
  type ListOptions,
  type Wanted,
} from '../durable.js';
import { parsedChange } from '../parsedChange.js';
import { needsNoTransaction, type Operation, type Writes, writesOf } from './changes.js';
import { type RecordDocument, recordIn } from './documents.js';
import { answered, duplicateKey } from './errors.js';
import { behind, existing, under } from './filters.js';
import { CLOCK_TOLERANCE_SECONDS, indexOf, orderOf } from './indexes.js';
import { inTransaction } from './transaction.js';

/** A read that takes longer is given up by the database. */
const MAX_TIME_MS = 5_000;

/** So many documents of a long list are fetched at once: decoding those of a full message would hold everything else up. */
const BATCH = 500;

/** Reads ask the primary; a commit is acknowledged by the majority. */
export class MongoDurableStore implements DurableStore {
  constructor(
    private readonly client: MongoClient,
    private readonly db: Db,
  ) {}

  get<T extends Identified>(collection: Collection<T>, id: string): Promise<Stored<T> | undefined> {
    const filter = { ...existing(untyped(collection), Date.now()), _id: id };
    return answered(async () => {
      const found = await this.#in(collection.name).findOne(filter, { projection: RECORD, maxTimeMS: MAX_TIME_MS });
      return found ? recordIn<T>(found) : undefined;
    });
  }

  getEach<L extends readonly Identified[]>(...wanted: Wanted<L>): Promise<Found<L>> {
    return Promise.all(wanted.map(([collection, id]) => this.get(collection, id))) as Promise<Found<L>>;
  }

  async list<T extends Identified, I extends string>(
    collection: Collection<T, I>,
    index: I,
    key: readonly IndexValue[],
    { limit = Number.POSITIVE_INFINITY, reverse = false, after }: ListOptions = {},
  ): Promise<Stored<T>[]> {
    if (limit <= 0) return [];
    const filter = {
      ...under(untyped(collection), index, key, Date.now()),
      ...(after ? behind(untyped(collection), index, key, after, reverse) : {}),
    };
    // By the remaining fields alone: the key's own are the same in all records.
    const order = orderOf(indexOf(untyped(collection), index)).slice(key.length);
    const sort = Object.fromEntries(order.map((field) => [field, reverse ? -1 : 1] as const));
    const options = { projection: RECORD, sort, hint: index, maxTimeMS: MAX_TIME_MS };
    return answered(async () => {
      const cursor = this.#in(collection.name).find(filter, options).batchSize(BATCH);
      const found: Stored<T>[] = [];
      for await (const document of Number.isFinite(limit) ? cursor.limit(limit) : cursor) {
        found.push(recordIn<T>(document));
        if (turnIsOver()) await nextTurn();
      }
      return found;
    });
  }

  count<T extends Identified, I extends string>(
    collection: Collection<T, I>,
    index: I,
    key: readonly IndexValue[],
    { limit }: Pick<ListOptions, 'limit'> = {},
  ): Promise<number> {
    const filter = under(untyped(collection), index, key, Date.now());
    const options = { hint: index, maxTimeMS: MAX_TIME_MS, ...(limit === undefined ? {} : { limit }) };
    return answered(() => this.#in(collection.name).countDocuments(filter, options));
  }

  estimate<T extends Identified>(collection: Collection<T>): Promise<number> {
    return answered(() => this.#in(collection.name).estimatedDocumentCount({ maxTimeMS: MAX_TIME_MS }));
  }

  async commit(changes: readonly Change[]): Promise<{ readonly removed: number }> {
    const parsed = changes.map(parsedChange);
    if (parsed.length === 0) return { removed: 0 };
    return answered(() => this.#commit(parsed));
  }

  async sweep(): Promise<void> {
    const over = { keptUntil: { $lte: new Date(Date.now() - CLOCK_TOLERANCE_SECONDS * 1_000) } };
    for (const { name } of collections.filter(({ keptUntil }) => keptUntil !== undefined)) {
      await answered(() => this.#in(name).deleteMany(over));
    }
  }

  async #commit(changes: readonly Change[]): Promise<{ readonly removed: number }> {
    const alone = writesOf(changes, Date.now());
    const removed = needsNoTransaction(alone)
      ? await this.#write(alone)
      : await inTransaction(this.client, (session) => this.#write(writesOf(changes, Date.now()), session));
    return { removed };
  }

  async #write(writes: readonly Writes[], session?: ClientSession): Promise<number> {
    let removed = 0;
    for (const { collection, clearing, operations, demanded } of writes) {
      if (clearing.length > 0) await this.#bulk(collection.name, clearing, session);
      const done = await this.#bulk(collection.name, operations, session);
      if (done.matchedCount + done.upsertedCount < demanded) throw new ConflictError(collection.name);
      removed += done.deletedCount;
    }
    return removed;
  }

  async #bulk(collection: string, operations: readonly Operation[], session?: ClientSession): Promise<BulkWriteResult> {
    try {
      return await this.#in(collection).bulkWrite([...operations], { ordered: true, ...(session ? { session } : {}) });
    } catch (error) {
      throw duplicateKey(collection, error) ?? error;
    }
  }

  #in(collection: string) {
    return this.db.collection<RecordDocument>(collection);
  }
}

const RECORD = { _id: 0, record: 1, revision: 1 };

const untyped = <T extends Identified, I extends string>(collection: Collection<T, I>): Collection<Identified> =>
  collection as unknown as Collection<Identified>;
