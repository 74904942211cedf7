/** Creating an account, and with it its personal organization. */
import { DirectoryError } from '../organizations/directoryError.js';
import { Name } from '../organizations/names.js';
import { validated } from '../organizations/validated.js';
import { type Account, Email } from '../stores/records/account.js';
import type { Actor } from '../stores/records/auditEvent.js';
import type { Organization } from '../stores/records/organization.js';
import { retryOnConflict } from '../stores/retryOnConflict.js';
import type { Stores } from '../stores/stores.js';
import { demandNewPassword } from './demandNewPassword.js';
import { accountByEmail } from './findAccount.js';
import { newAccount } from './newAccount.js';
import { hashPassword } from './passwords.js';

/**
 * Creates an account with its personal organization, which it owns.
 * @param stores where the directory is
 * @param actor who creates it
 * @param fields email address, name, password (without one nobody can sign in with a password), and whether the address
 *   is known to be the person's (it is not, unless told otherwise)
 * @returns the account and its personal organization
 * @throws DirectoryError `invalid` for a field, `conflict` when the address has an account
 */
export async function createAccount(
  stores: Stores,
  actor: Actor,
  fields: { email: string; name: string; password?: string | undefined; emailVerified?: boolean },
): Promise<{ account: Account; organization: Organization }> {
  const email = validated(Email, fields.email);
  const name = validated(Name, fields.name);
  if (fields.password !== undefined) demandNewPassword(fields.password);
  const passwordHash = fields.password === undefined ? undefined : await hashPassword(fields.password);
  return retryOnConflict(async () => {
    if (await accountByEmail(stores.durable, email))
      throw new DirectoryError('conflict', `${email} has an account already; use another email address.`);
    const emailVerified = fields.emailVerified ?? false;
    const { account, organization, changes } = newAccount(actor, { email, name, passwordHash, emailVerified });
    await stores.durable.commit(changes);
    return { account, organization };
  });
}
