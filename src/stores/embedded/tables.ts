/** The LMDB environment in a folder, its tables, and the one way to write to them. */
import { type Database, type Key, open, type RootDatabase } from 'lmdb';
import { StoreUnavailableError } from '../stores.js';

/** A record as it is stored: with its revision, so that reading it is one get and one decode. */
export type StoredRecord = { readonly id: string; readonly revision: number } & Readonly<Record<string, unknown>>;

export interface StoredValue {
  readonly expiresAt: number;
  readonly value: unknown;
  readonly group?: string | undefined;
}

/** What a commit changed. */
export interface ChangeNote {
  readonly number: number;
  readonly slots: readonly number[];
}

/** What an expiry entry points to: collection and id, or kind and hash. */
export type Expiring = readonly [owner: string, id: string];

export interface Tables {
  readonly root: RootDatabase;
  /** [collection, id] → record. */
  readonly records: Database<StoredRecord, Key>;
  /** [collection, index, ...values, id] → id. */
  readonly indexes: Database<string, Key>;
  /** [keptUntil, collection, id] → [collection, id]; not for collections whose ids tell it. */
  readonly recordExpiry: Database<Expiring, Key>;
  /** The number of the last change; see `revisions.ts`. */
  readonly revision: Database<number, Key>;
  /** What the last changes changed; undefined in a folder that has no such table yet and is only looked at. */
  readonly changes: Database<ChangeNote, Key> | undefined;
  /** [kind, hash] → value and its time. */
  readonly values: Database<StoredValue, Key>;
  /** [hash, kind] → value and its time, of the kinds that are in the order of their end. */
  readonly valuesByEnd: Database<StoredValue, Key>;
  /** [expiresAt, kind, hash] → [kind, hash]; for those that are not. */
  readonly valueExpiry: Database<Expiring, Key>;
  /** [kind, group, expiresAt, hash] → hash. */
  readonly valueGroups: Database<string, Key>;
}

/**
 * Opens the environment in an existing folder.
 * @param folder the path of the folder; several processes may open it at once
 * @param readOnly nothing can be written
 */
export function openTables(folder: string, readOnly = false): Tables {
  const root = open({
    path: folder,
    readOnly,
    // Otherwise a folder with a dot in its name is taken for a file.
    noSubdir: false,
    /*
     * Off, so that LMDB flushes the pages (fdatasync) and then writes the page that makes them current (O_DSYNC) before
     * a transaction counts as committed: no reader, in whichever process, acts on what a power cut could take back, and
     * a flush that fails rejects the transaction. With it on, a commit is visible before it is flushed, and
     * `db.flushed` never settles when the flush fails. What it would save, group commit saves as well: all
     * transactions that wait meanwhile share the next flush.
     */
    overlappingSync: false,
    /*
     * Off, because with it each turn of the event loop begins with a block whose promise nobody holds: when the disk is
     * full, its rejection would end the process.
     */
    eventTurnBatching: false,
    // JSON and not MessagePack: msgpackr renames a data key `__proto__`, and its records need state shared by all writers.
    encoding: 'json',
  });
  return {
    root,
    records: root.openDB('records', { encoding: 'json' }),
    indexes: root.openDB('indexes', { encoding: 'string' }),
    recordExpiry: root.openDB('recordExpiry', { encoding: 'json' }),
    revision: root.openDB('revision', { encoding: 'ordered-binary' }),
    changes: root.openDB('changes', { encoding: 'json' }),
    values: root.openDB('values', { encoding: 'json' }),
    valuesByEnd: root.openDB('valuesByEnd', { encoding: 'json' }),
    valueExpiry: root.openDB('valueExpiry', { encoding: 'json' }),
    valueGroups: root.openDB('valueGroups', { encoding: 'string' }),
  };
}

/**
 * Runs a function inside a write transaction that it may share with others, and resolves once that is flushed.
 * @param decide reads and then writes, synchronously. What it reads is what all processes have committed. When it
 *   throws, it must not have written anything: the transaction goes on with the others' changes.
 * @returns what the function returned
 * @throws what the function threw; StoreUnavailableError when the transaction could not be written
 */
export async function write<R>(tables: Tables, decide: () => R): Promise<R> {
  let outcome: { readonly result: R } | { readonly thrown: unknown } | undefined;
  try {
    await tables.root.transaction(() => {
      try {
        outcome = { result: decide() };
      } catch (thrown) {
        outcome = { thrown };
      }
    });
  } catch (error) {
    throw new StoreUnavailableError('The embedded store could not write; look for a full or failing disk.', {
      cause: await reasonOf(error),
    });
  }
  if (!outcome) throw new StoreUnavailableError('The embedded store was closed before it could write.');
  if ('thrown' in outcome) throw outcome.thrown;
  return outcome.result;
}

/** lmdb rejects with an error whose `commitError` is a promise that rejects with the reason; unheeded, it ends the process. */
async function reasonOf(error: unknown): Promise<unknown> {
  if (!(error instanceof Error) || !('commitError' in error)) return error;
  try {
    await error.commitError;
    return error;
  } catch (reason) {
    return reason;
  }
}
