/** Giving an account a new password. */
import { audit } from '../audit.js';
import { DirectoryError } from '../organizations/directoryError.js';
import type { Account } from '../stores/records/account.js';
import type { Actor } from '../stores/records/auditEvent.js';
import { retryOnConflict } from '../stores/retryOnConflict.js';
import type { Stores } from '../stores/stores.js';
import { demandNewPassword } from './demandNewPassword.js';
import { existingAccount } from './findAccount.js';
import { formerHolderDetails, handOver, handoverChanges, keptBy } from './holder.js';
import { hashPassword } from './passwords.js';
import { withSessionsEnded } from './sessions.js';

/**
 * Sets an account's password; the old one stops working at once, and all sign-in sessions end. Where the address
 * is unverified, an operator's new password ends everything that was held before.
 * @param stores where the directory is
 * @param actor who sets it; the caller has made sure that this is the person or an operator
 * @param accountId whose password
 * @param password the new password in clear
 * @param known the hash that the present password was compared with, when somebody had to know it
 * @returns the account as it is now
 * @throws DirectoryError `invalid` for the password, `not-found` for the account
 */
export async function setPassword(
  stores: Stores,
  actor: Actor,
  accountId: string,
  password: string,
  known?: string,
): Promise<Account> {
  demandNewPassword(password);
  const passwordHash = await hashPassword(password);
  return retryOnConflict(async () => {
    const before = await existingAccount(stores.durable, accountId);
    if (known !== undefined && known !== before.passwordHash)
      throw new DirectoryError('invalid', 'The password was changed a moment ago; sign in with the new one.');
    // A person who knew the password before is no other holder; an operator who sets it without is handing the account over.
    const handover =
      known === undefined
        ? await handOver(stores.durable, actor, before, { emailVerified: before.emailVerified, passwordHash })
        : keptBy(withSessionsEnded({ ...before, passwordHash }));
    const details = formerHolderDetails(handover);
    await stores.durable.commit([
      ...handoverChanges(handover),
      audit(actor, { action: 'account.password-set', accountId, ...(handover.ended && { details }) }),
    ]);
    return handover.account;
  });
}
