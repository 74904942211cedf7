/** Finding accounts by what people and programs know of them. */
import { DirectoryError } from '../organizations/directoryError.js';
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

/**
 * The account with this id.
 * @throws DirectoryError `not-found` when there is none
 */
export async function existingAccount(durable: DurableStore, id: string): Promise<Stored<Account>> {
  const account = await accountById(durable, id);
  if (account) return account;
  throw new DirectoryError('not-found', `There is no account ${id}.`);
}

/**
 * The account that an operator means.
 * @param emailOrId its email address or id
 * @throws DirectoryError `not-found` when there is none
 */
export async function accountByEmailOrId(durable: DurableStore, emailOrId: string): Promise<Stored<Account>> {
  const account = (await accountById(durable, emailOrId)) ?? (await accountByEmail(durable, emailOrId));
  if (account) return account;
  throw new DirectoryError('not-found', `There is no account with the email address or id "${emailOrId}".`);
}
