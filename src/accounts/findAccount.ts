/** Finding accounts by what people and programs know of them. */
import type { Stored } from '../stores/collection.js';
import type { DurableStore } from '../stores/durable.js';
import { type Account, accounts, Email } from '../stores/records/account.js';

/**
 * The account with this id.
 * @returns undefined when there is none
 */
export function accountById(durable: DurableStore, id: string): Promise<Stored<Account> | undefined> {
  return durable.get(accounts, id);
}

/**
 * The account with this email address, in whatever case and with blanks around it.
 * @returns undefined when there is none, or when it is no email address
 */
export async function accountByEmail(durable: DurableStore, email: string): Promise<Stored<Account> | undefined> {
  const parsed = Email.safeParse(email);
  if (!parsed.success) return undefined;
  const [account] = await durable.list(accounts, 'byEmail', [parsed.data], { limit: 1 });
  return account;
}
