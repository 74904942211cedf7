/** Changes as stores write them: with records that fit their collections. */
import type { Collection, Identified } from './collection.js';
import type { Change } from './durable.js';

/**
 * Parses the record of a change, if it writes one.
 * @throws when the record does not fit its collection or holds what JSON cannot; before anything is written
 */
export function parsedChange(change: Change): Change {
  if (change.kind === 'insert') return { ...change, record: parse(change.collection, change.record) };
  if (change.kind !== 'replace') return change;
  const { revision } = change.record;
  return { ...change, record: { ...parse(change.collection, change.record), revision } };
}

function parse(collection: Collection<Identified>, record: Identified): Identified {
  const parsed = collection.schema.parse('revision' in record ? withoutRevision(record) : record);
  JSON.stringify(parsed);
  return parsed;
}

const withoutRevision = ({ revision: _, ...fields }: Identified & { readonly revision: unknown }) => fields;
