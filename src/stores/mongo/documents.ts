/** How a record lies in MongoDB: as JSON, beside it what filters and indexes need. */
import type { Document } from 'mongodb';
import type { Collection, Identified, Index, Stored } from '../collection.js';

/**
 * The record is JSON text and not a subdocument: MongoDB has its own opinion about keys with dots, `$` and NUL, the
 * driver turns `{$ref, $id}` into a DBRef, nesting ends at 100 levels, and a lone surrogate would become U+FFFD. JSON
 * text comes back as it went, and the same as from the embedded store.
 */
export interface RecordDocument extends Document {
  readonly _id: string;
  readonly revision: number;
  readonly record: string;
  /** Only where the collection's records expire; a Date, because the TTL monitor takes nothing else. */
  readonly keptUntil?: Date;
}

/** Names that a document uses itself; `guard` counts the commits that demanded the record unchanged. */
const OWN_NAMES = ['_id', 'revision', 'record', 'keptUntil', 'guard'];

/**
 * The name of a record's field at the top level of its document.
 * @throws when a declaration would index a field under a name that documents use themselves
 */
export function liftedName(field: string): string {
  if (OWN_NAMES.includes(field))
    throw new Error(`MongoDB documents use the name "${field}" themselves; index another.`);
  return field === 'id' ? '_id' : field;
}

/** The document of a record at a revision. */
export function documentOf(collection: Collection<Identified>, record: Identified, revision: number): RecordDocument {
  const { revision: _, ...fields } = record as Stored<Identified>;
  const values = fields as Readonly<Record<string, unknown>>;
  const keptUntil = collection.keptUntil === undefined ? undefined : values[collection.keptUntil];
  return {
    ...liftedFields(collection, values),
    _id: record.id,
    revision,
    record: JSON.stringify(fields),
    ...(typeof keptUntil === 'number' ? { keptUntil: new Date(keptUntil) } : {}),
  };
}

function liftedFields(collection: Collection<Identified>, record: Readonly<Record<string, unknown>>): Document {
  const lifted: Record<string, unknown> = {};
  for (const { fields } of Object.values<Index<Identified>>(collection.indexes)) {
    for (const field of fields) if (record[field] !== undefined) lifted[liftedName(field)] = record[field];
  }
  return lifted;
}

/** The record in a document: a fresh object each time. */
export const recordIn = <T extends Identified>({ record, revision }: RecordDocument): Stored<T> =>
  ({ ...(JSON.parse(record) as T), revision }) as Stored<T>;
