/** Changing what an account is called. */
import { audit } from '../audit.js';
import { Name } from '../organizations/names.js';
import { validated } from '../organizations/validated.js';
import { replace } from '../stores/durable.js';
import { type Account, accounts } from '../stores/records/account.js';
import type { Actor } from '../stores/records/auditEvent.js';
import { retryOnConflict } from '../stores/retryOnConflict.js';
import type { Stores } from '../stores/stores.js';
import { existingAccount } from './findAccount.js';

/**
 * Renames an account; its personal organization keeps its name.
 * @param actor who renames it; the caller has made sure that this is the person or an operator
 * @throws DirectoryError `invalid` for the name, `not-found` for the account
 */
export async function renameAccount(stores: Stores, actor: Actor, accountId: string, typed: string): Promise<Account> {
  const name = validated(Name, typed);
  return retryOnConflict(async () => {
    const before = await existingAccount(stores.durable, accountId);
    if (before.name === name) return before;
    const account = { ...before, name };
    const event = audit(actor, { action: 'account.changed', accountId, details: { name } });
    await stores.durable.commit([replace(accounts, account), event]);
    return account;
  });
}
