/** The indexes in MongoDB, derived from the collections' declarations and from nowhere else. */
import type { Db } from 'mongodb';
import { z } from 'zod';
import type { Collection, Identified, Index } from '../collection.js';
import { collections } from '../collections.js';
import { liftedName } from './documents.js';

/** An index as MongoDB is told to make it. */
export interface MongoIndex {
  readonly collection: string;
  readonly name: string;
  readonly key: Readonly<Record<string, 1>>;
  readonly unique?: true;
  readonly partialFilterExpression?: Readonly<Record<string, { readonly $exists: true }>>;
  readonly expireAfterSeconds?: number;
}

/** What is wrong with an index that this version needs. */
export interface IndexProblem {
  readonly index: MongoIndex;
  readonly problem: 'missing' | 'different';
}

/**
 * The TTL monitor goes by the database's clock and servers go by theirs; so long after its time nobody's clock finds a
 * record any more.
 */
export const CLOCK_TOLERANCE_SECONDS = 300;

/** Every index that this version needs. */
export const neededIndexes = (): MongoIndex[] =>
  collections.flatMap((collection) => [
    ...Object.keys(collection.indexes).map((name) => declared(collection, name)),
    ...(collection.keptUntil === undefined ? [] : [expiry(collection)]),
  ]);

/** An index of a collection by its name. */
export function indexOf(collection: Collection<Identified>, name: string): Index<Identified> {
  const index = collection.indexes[name];
  if (!index) throw new Error(`"${collection.name}" declares no index "${name}".`);
  return index;
}

/** The fields by which an index orders: its own, then the id, so that records alike in all else have an order too. */
export function orderOf({ fields, unique }: Index<Identified>): string[] {
  const names = fields.map(liftedName);
  return unique || names.includes('_id') ? names : [...names, '_id'];
}

function declared(collection: Collection<Identified>, name: string): MongoIndex {
  const index = indexOf(collection, name);
  const mandatory = z.toJSONSchema(collection.schema, { unrepresentable: 'any' }).required ?? [];
  const optional = index.fields.filter((field) => !mandatory.includes(field));
  return {
    collection: collection.name,
    name,
    key: Object.fromEntries(orderOf(index).map((field) => [field, 1 as const])),
    ...(index.unique ? { unique: true } : {}),
    ...(optional.length > 0
      ? {
          partialFilterExpression: Object.fromEntries(
            optional.map((field) => [liftedName(field), { $exists: true } as const]),
          ),
        }
      : {}),
  };
}

const expiry = ({ name }: Collection<Identified>): MongoIndex => ({
  collection: name,
  name: 'expiry',
  key: { keptUntil: 1 },
  expireAfterSeconds: CLOCK_TOLERANCE_SECONDS,
});

/** Makes an index; nothing happens when the same is there already. */
export async function makeIndex(db: Db, { collection, ...index }: MongoIndex): Promise<void> {
  await db.command({ createIndexes: collection, indexes: [index] });
}

/** Compares what is there with what is needed. Further indexes are the operator's own business. */
export async function indexProblems(db: Db): Promise<IndexProblem[]> {
  const there = new Map<string, MongoIndex>();
  const names = new Set((await db.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name));
  for (const { name: collection } of collections.filter(({ name }) => names.has(name))) {
    for (const found of await db.collection(collection).listIndexes().toArray()) {
      there.set(`${collection}.${found.name}`, { ...found, collection } as MongoIndex);
    }
  }
  return neededIndexes().flatMap((index): IndexProblem[] => {
    const found = there.get(nameOf(index));
    if (!found) return [{ index, problem: 'missing' }];
    return essence(found) === essence(index) ? [] : [{ index, problem: 'different' }];
  });
}

/** How messages call an index. */
export const nameOf = ({ collection, name }: MongoIndex): string => `${collection}.${name}`;

/** What makes two indexes the same; the order of an index's fields does. */
const essence = ({ key, unique, partialFilterExpression, expireAfterSeconds }: MongoIndex): string =>
  JSON.stringify([
    Object.entries(key).map(([field, direction]) => [field, Number(direction)]),
    unique === true,
    partialFilterExpression ?? {},
    expireAfterSeconds === undefined ? null : Number(expireAfterSeconds),
  ]);
