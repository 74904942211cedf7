/** Taking the link between an account and its upstream identity away, e.g. after a move to another upstream. */
import { audit } from '../../audit.js';
import { replace } from '../../stores/durable.js';
import { type Account, accounts } from '../../stores/records/account.js';
import type { Actor } from '../../stores/records/auditEvent.js';
import { retryOnConflict } from '../../stores/retryOnConflict.js';
import type { Stores } from '../../stores/stores.js';
import { existingAccount } from '../findAccount.js';
import { withSessionsEnded } from '../sessions.js';

/**
 * Unlinks an account and ends its sign-in sessions. Password, connections and memberships stay, because the account remains the
 * same person's; an account whose address went to another person is removed instead. The next upstream identity with its
 * verified address is linked to it.
 * @param actor who unlinks it; the caller has made sure that this is an operator
 * @returns the account as it is now
 * @throws DirectoryError `not-found` for the account
 */
export async function unlinkAccount(stores: Stores, actor: Actor, accountId: string): Promise<Account> {
  return retryOnConflict(async () => {
    const before = await existingAccount(stores.durable, accountId);
    const { upstreamIssuer: issuer, upstreamSubject: _, ...rest } = before;
    if (issuer === undefined) return before;
    const account = withSessionsEnded(rest);
    await stores.durable.commit([
      replace(accounts, account),
      audit(actor, { action: 'account.unlinked', accountId, details: { issuer } }),
    ]);
    return account;
  });
}
