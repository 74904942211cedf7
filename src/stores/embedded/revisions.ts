/**
 * What of the records that are kept in memory has changed in the store (`Collection.changesCounted`). Each commit gets a
 * number and a note of what it changed, inside its own transaction, by whichever process. A process that sees a new number
 * reads the notes since the one it knew, once; whether a record has changed is then a look into its memory.
 */
import type { Tables } from './tables.js';

/** Under it stands the number of the last change. */
const LAST = 0;
/** So many notes stay; whoever was away for longer takes everything for changed. */
const NOTES = 1_024;
/** Records share this many slots, so that what a process knows of them does not grow. */
const SLOTS = 65_536;

/** FNV-1a; ids are random, so a record that shares its slot is rare, and costs no more than one needless reading. */
function slotOf(id: string): number {
  let hash = 0x811c9dc5;
  for (let n = 0; n < id.length; n += 1) hash = Math.imul(hash ^ id.charCodeAt(n), 0x01000193);
  return (hash >>> 0) % SLOTS;
}

/**
 * Counts and notes a commit. Call it within the commit's write transaction.
 * @param ids of the records that it changed or removed, in any number
 */
export function countUp({ revision, changes }: Tables, ids: readonly string[]): void {
  if (ids.length === 0) return;
  const number = (revision.get(LAST) ?? 0) + 1;
  void revision.put(LAST, number);
  void changes?.put(number % NOTES, { number, slots: [...new Set(ids.map(slotOf))] });
}

/** What one process knows of the changes. */
export class Revisions {
  #known: number;
  /** By slot, a number since which nothing changed there, as far as this process has looked. */
  readonly #changedAt = new Float64Array(SLOTS);

  constructor(private readonly tables: Tables) {
    this.#known = this.#stored();
  }

  /**
   * The number of this moment, up to which `changedSince` knows everything then; see `Stores.revision`. Not for use within
   * a write transaction: one that fails gives its number back.
   */
  now(): number {
    const now = this.#stored();
    if (now !== this.#known) this.#catchUp(now);
    return now;
  }

  /**
   * Whether a record may have changed.
   * @param number what `now` said before the record was read
   */
  changedSince(number: number, id: string): boolean {
    return (this.#changedAt[slotOf(id)] ?? 0) > number;
  }

  #stored(): number {
    return this.tables.revision.get(LAST) ?? 0;
  }

  #catchUp(now: number): void {
    const notesAreLeft = now - this.#known <= NOTES;
    for (let number = this.#known + 1; number <= now; number += 1) {
      const note = notesAreLeft ? this.tables.changes?.get(number % NOTES) : undefined;
      if (note?.number !== number) {
        this.#changedAt.fill(now);
        break;
      }
      for (const slot of note.slots) this.#changedAt[slot] = number;
    }
    this.#known = now;
  }
}
