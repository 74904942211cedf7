/** Durable changes that promise a volatile value, e.g. an access token: whoever sees the changes finds the value. */
import type { Change } from './durable.js';
import type { Stores } from './stores.js';
import type { VolatileWrite } from './volatile.js';

/**
 * Writes volatile values and makes durable changes that are worth nothing without them: in one transaction where one
 * engine holds both, else the values first. When the changes conflict, the values may have been written.
 * @throws what `set` and `commit` throw
 */
export async function commitWith(
  { commitTogether, volatile, durable }: Stores,
  values: readonly VolatileWrite[],
  changes: readonly Change[],
): Promise<void> {
  if (commitTogether) return commitTogether(values, changes);
  await Promise.all(values.map(({ kind, key, value, expiresAt }) => volatile.set(kind, key, value, expiresAt)));
  await durable.commit(changes);
}
