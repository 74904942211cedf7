/** The changes of a commit as write operations. */
import type { AnyBulkWriteOperation, Filter } from 'mongodb';
import { firstRevision } from '../../ids.js';
import type { Collection, Identified, Index, Stored } from '../collection.js';
import type { Change } from '../durable.js';
import { documentOf, liftedName, type RecordDocument } from './documents.js';
import { existing, under } from './filters.js';

export type Operation = AnyBulkWriteOperation<RecordDocument>;

/** What a commit does in one collection. Collections do not see each other, so only the order within one matters. */
export interface Writes {
  readonly collection: Collection<Identified>;
  /** Take away what is over but not yet cleaned up, where it holds a unique value that the commit needs. */
  readonly clearing: readonly Operation[];
  readonly operations: readonly Operation[];
  /** How many documents the operations have to find or make; fewer mean a conflict. */
  readonly demanded: number;
}

/**
 * The write operations of a commit at a moment (milliseconds since 1970), by collection.
 * @param changes with records as their schemas parsed them
 */
export function writesOf(changes: readonly Change[], now: number): Writes[] {
  const written = new Map(changes.map(({ collection }) => [collection.name, collection]));
  return Array.from(written.values(), (collection) => {
    const own = changes.filter((change) => change.collection.name === collection.name);
    const operations = own.map((change) => operationOf(change, now));
    const demanded = operations.filter((operation) => 'replaceOne' in operation || 'updateOne' in operation).length;
    return { collection, clearing: own.flatMap((change) => clearingOf(change, now)), operations, demanded };
  });
}

/** Whether a single operation does it all, on a single document, and so needs no transaction. */
export function needsNoTransaction(writes: readonly Writes[]): boolean {
  const [only, ...others] = writes;
  if (!only || others.length > 0 || only.clearing.length > 0 || only.operations.length > 1) return false;
  return only.operations.every((operation) => !('deleteMany' in operation));
}

function operationOf(change: Change, now: number): Operation {
  const { collection } = change;
  switch (change.kind) {
    case 'insert':
      return insertion(collection, documentOf(collection, change.record, firstRevision()), now);
    case 'replace': {
      const replacement = documentOf(collection, change.record, change.record.revision + 1);
      return { replaceOne: { filter: thisVersion(collection, change.record, now), replacement } };
    }
    case 'unchanged':
      /*
       * A write, because a transaction's reads do not conflict with other transactions' writes: two commits that each
       * rely on what the other one changes would both go through.
       */
      return { updateOne: { filter: thisVersion(collection, change.record, now), update: { $inc: { guard: 1 } } } };
    case 'remove':
      return { deleteOne: { filter: { ...existing(collection, now), _id: change.id } } };
    case 'removeAll':
      return { deleteMany: { filter: under(collection, change.index, change.key, now), hint: change.index } };
  }
}

/** Over a document of the same id whose time is over, or as a new one; MongoDB finds the id taken in all other cases. */
function insertion(collection: Collection<Identified>, document: RecordDocument, now: number): Operation {
  if (collection.keptUntil === undefined) return { insertOne: { document } };
  const over = { _id: document._id, keptUntil: { $lte: new Date(now) } };
  return { replaceOne: { filter: over, replacement: document, upsert: true } };
}

const thisVersion = (
  collection: Collection<Identified>,
  { id, revision }: Stored<Identified>,
  now: number,
): Filter<RecordDocument> => ({ ...existing(collection, now), _id: id, revision });

function clearingOf(change: Change, now: number): Operation[] {
  if ((change.kind !== 'insert' && change.kind !== 'replace') || change.collection.keptUntil === undefined) return [];
  const { collection } = change;
  const { revision: _, _id, ...document } = documentOf(collection, change.record, 1);
  return Object.values<Index<Identified>>(collection.indexes)
    .filter(({ unique }) => unique)
    .map(({ fields }) => fields.map(liftedName))
    .filter((fields) => fields.every((field) => document[field] !== undefined))
    .map((fields) => ({
      deleteMany: {
        filter: {
          ...Object.fromEntries(fields.map((field) => [field, document[field]])),
          _id: { $ne: _id },
          keptUntil: { $lte: new Date(now) },
        },
      },
    }));
}
