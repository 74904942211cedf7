/** Entries of a directory file that stand for the same thing. */
import type { JsonPath } from './jsonWithLines.js';

/**
 * Finds entries whose key an earlier entry has.
 * @param entries a list of the file
 * @param list the list's name in the file
 * @param field the entry's field to point at
 * @param keyOf what makes entries the same; undefined where that cannot be said of an entry
 * @returns one problem for each entry too many
 */
export function repeated<T>(
  entries: readonly T[],
  list: string,
  field: string,
  keyOf: (entry: T) => string | undefined,
): { path: JsonPath; message: string }[] {
  const seen = new Set<string>();
  return entries.flatMap((entry, index) => {
    const key = keyOf(entry);
    if (key === undefined) return [];
    if (seen.has(key)) return [{ path: [list, index, field], message: `"${key}" is in the file twice; remove one.` }];
    seen.add(key);
    return [];
  });
}
