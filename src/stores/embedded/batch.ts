/** The changes of one commit: checked in their order against the store and each other, then written together. */
import { firstRevision } from '../../ids.js';
import type { Collection, Identified, IndexValue, Stored } from '../collection.js';
import { type Change, ConflictError } from '../durable.js';
import { exists, indexOf, valuesIn, writeRecord } from './entries.js';
import { recordKey } from './keys.js';
import { countUp } from './revisions.js';
import { scan } from './scan.js';
import type { StoredRecord, Tables } from './tables.js';

/** A record that the commit changes: as it is stored, and as it shall be. */
interface Staged {
  readonly collection: Collection<Identified>;
  readonly before: StoredRecord | undefined;
  readonly after: StoredRecord | undefined;
}

/** Lives within one write transaction: nothing is written before `write`, so a conflict leaves nothing behind. */
export class Batch {
  readonly #staged = new Map<string, Staged>();
  /** What is stored, as far as it was looked at; nothing changes it until `write`. */
  readonly #stored = new Map<string, StoredRecord | undefined>();
  readonly #now = Date.now();
  #removed = 0;

  constructor(private readonly tables: Tables) {}

  /**
   * Checks a change's conditions and notes what it does.
   * @throws ConflictError when a condition does not hold
   */
  add(change: Change): void {
    const { collection } = change;
    switch (change.kind) {
      case 'insert':
        if (this.#find(collection, change.record.id)) throw new ConflictError(collection.name);
        this.#put(collection, { ...change.record, revision: firstRevision() });
        break;
      case 'replace':
        this.#demand(collection, change.record);
        this.#put(collection, { ...change.record, revision: change.record.revision + 1 });
        break;
      case 'unchanged':
        this.#demand(collection, change.record);
        break;
      case 'remove':
        this.#remove(collection, change.id);
        break;
      case 'removeAll':
        for (const id of this.#idsUnder(collection, change.index, change.key)) this.#remove(collection, id);
    }
  }

  /**
   * Writes what the changes come to.
   * @returns how many records were removed
   */
  write(): { readonly removed: number } {
    const changed: string[] = [];
    for (const { collection, before, after } of this.#staged.values()) {
      writeRecord(this.tables, collection, before, after);
      // A record that is new cannot make untrue what was read before it.
      if (before && collection.changesCounted?.(before)) changed.push(before.id);
    }
    countUp(this.tables, changed);
    return { removed: this.#removed };
  }

  #stage(collection: Collection<Identified>, id: string, after: StoredRecord | undefined): void {
    this.#staged.set(nameOf(collection, id), { collection, before: this.#before(collection, id), after });
  }

  /** The record as the earlier changes of this commit left it, unless its time is over. */
  #find(collection: Collection<Identified>, id: string): StoredRecord | undefined {
    const staged = this.#staged.get(nameOf(collection, id));
    const record = staged ? staged.after : this.#before(collection, id);
    return exists(collection, record, this.#now) ? record : undefined;
  }

  #before(collection: Collection<Identified>, id: string): StoredRecord | undefined {
    const name = nameOf(collection, id);
    if (!this.#stored.has(name)) this.#stored.set(name, this.tables.records.get(recordKey(collection.name, id)));
    return this.#stored.get(name);
  }

  #demand(collection: Collection<Identified>, record: Stored<Identified>): void {
    if (this.#find(collection, record.id)?.revision !== record.revision) throw new ConflictError(collection.name);
  }

  #put(collection: Collection<Identified>, record: StoredRecord): void {
    for (const [name, index] of Object.entries(collection.indexes)) {
      const values = index.unique ? valuesIn(index, record) : undefined;
      if (values && this.#idsUnder(collection, name, values).some((id) => id !== record.id)) {
        throw new ConflictError(collection.name, name);
      }
    }
    this.#stage(collection, record.id, record);
  }

  #remove(collection: Collection<Identified>, id: string): void {
    if (this.#find(collection, id)) this.#removed += 1;
    this.#stage(collection, id, undefined);
  }

  /** The ids of the records whose index begins with these values, as the earlier changes of this commit left them. */
  #idsUnder(collection: Collection<Identified>, name: string, key: readonly IndexValue[]): string[] {
    const index = indexOf(collection, name);
    const candidates = new Set(Array.from(scan(this.tables, collection, name, key), ({ id }) => id));
    for (const { collection: of, after } of this.#staged.values()) {
      if (of.name === collection.name && after) candidates.add(after.id);
    }
    return [...candidates].filter((id) => {
      const record = this.#find(collection, id);
      const values = record && valuesIn(index, record);
      return values && key.every((value, position) => values[position] === value);
    });
  }
}

/** Stands for a record within one commit; no collection's name has a slash in it. */
const nameOf = ({ name }: Collection<Identified>, id: string): string => `${name}/${id}`;
