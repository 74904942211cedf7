/** How often what introspection depends on has changed: in all, and by account or organization. */
import type { Tables } from './tables.js';

/** The slot that counts every change. */
const ALL = 0;

/** Subjects share this many slots, so that what is kept for them has a limit and nothing has to be cleared away. */
const SLOTS = 4_096;

/** FNV-1a; ids are random, so neighbours in a slot are rare and cost one more reading each. */
function slotOf(subject: string): number {
  let hash = 0x811c9dc5;
  for (let n = 0; n < subject.length; n += 1) hash = Math.imul(hash ^ subject.charCodeAt(n), 0x01000193);
  return 1 + ((hash >>> 0) % SLOTS);
}

/**
 * The number of this moment; see `Stores.revision`.
 * @param subject id of an account or organization; without one, of everything
 */
export const revisionOf = ({ revision }: Tables, subject?: string): number =>
  revision.get(subject === undefined ? ALL : slotOf(subject)) ?? 0;

/**
 * Counts a commit. Call it within the commit's write transaction.
 * @param subjects ids of the accounts and organizations that it concerns, in any number
 */
export function countUp({ revision }: Tables, subjects: readonly string[]): void {
  if (subjects.length === 0) return;
  for (const slot of new Set([ALL, ...subjects.map(slotOf)])) void revision.put(slot, (revision.get(slot) ?? 0) + 1);
}
