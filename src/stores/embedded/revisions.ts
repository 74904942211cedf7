/** How often what is kept in memory has changed in the store (`Collection.changesCounted`): in all, and by record. */
import type { Tables } from './tables.js';

/** The slot that counts every change. */
const ALL = 0;

/** Records share this many slots, so that they stay few and nothing has to be cleared away when a record goes. */
const SLOTS = 65_536;

/** FNV-1a; ids are random, so a record that shares its slot is rare, and costs no more than one needless reading. */
function slotOf(id: string): number {
  let hash = 0x811c9dc5;
  for (let n = 0; n < id.length; n += 1) hash = Math.imul(hash ^ id.charCodeAt(n), 0x01000193);
  return 1 + ((hash >>> 0) % SLOTS);
}

/**
 * The number of this moment; see `Stores.revision`.
 * @param id a record's; without one, the number of everything
 */
export const revisionOf = ({ revision }: Tables, id?: string): number =>
  revision.get(id === undefined ? ALL : slotOf(id)) ?? 0;

/**
 * Counts a commit. Call it within the commit's write transaction.
 * @param ids of the records that it changed or removed, in any number
 */
export function countUp({ revision }: Tables, ids: readonly string[]): void {
  if (ids.length === 0) return;
  for (const slot of new Set([ALL, ...ids.map(slotOf)])) void revision.put(slot, (revision.get(slot) ?? 0) + 1);
}
