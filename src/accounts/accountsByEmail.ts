/** Accounts in the order of their email addresses, a page at a time. */
import type { Stored } from '../stores/collection.js';
import type { DurableStore, ListPlace } from '../stores/durable.js';
import { type Account, accounts } from '../stores/records/account.js';

/**
 * Lists accounts. Reads along the index of addresses alone, however many accounts there are.
 * @param durable the durable store
 * @param beginning how an address has to begin, in lower case; empty for all
 * @param page how many at most, and where the page before ended
 * @returns the accounts, and where the next page goes on
 */
export async function accountsByEmail(
  durable: DurableStore,
  beginning: string,
  { size, after }: { size: number; after?: ListPlace | undefined },
): Promise<{ records: Stored<Account>[]; next?: ListPlace }> {
  // No address is in front of those that begin like this but the one that is exactly this.
  const exact = after || beginning === '' ? [] : await durable.list(accounts, 'byEmail', [beginning]);
  const start = after ?? (beginning === '' ? undefined : { values: [beginning], id: '' });
  const behind = await durable.list(accounts, 'byEmail', [], { limit: size + 1, ...(start && { after: start }) });
  const found = [...exact, ...behind.filter(({ id }) => id !== exact[0]?.id)].filter(({ email }) =>
    email.startsWith(beginning),
  );
  const records = found.slice(0, size);
  const last = records.at(-1);
  return found.length > size && last ? { records, next: { values: [last.email], id: last.id } } : { records };
}
