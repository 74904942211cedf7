/** The order in which people see their organizations. */
import type { Organization } from '../stores/records/organization.js';

const byName = new Intl.Collator('en', { numeric: true });

/**
 * Sorts organizations for a person: the personal one first, then by name.
 * @param organizations one account's organizations
 * @returns a sorted copy
 */
export function inMenuOrder<T extends Organization>(organizations: readonly T[]): T[] {
  return organizations.toSorted(
    (a, b) => Number(b.personal) - Number(a.personal) || byName.compare(a.name, b.name) || (a.id < b.id ? -1 : 1),
  );
}
