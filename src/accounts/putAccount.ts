/** An account under an id that the caller chooses: made when it is not there, else brought to what the caller says. */
import { audit } from '../audit.js';
import { ChosenId } from '../organizations/chosenId.js';
import { DirectoryError } from '../organizations/directoryError.js';
import { finishRemovalsOf } from '../organizations/finishRemovals.js';
import { Name } from '../organizations/names.js';
import { validated } from '../organizations/validated.js';
import type { Stored } from '../stores/collection.js';
import type { Change, DurableStore } from '../stores/durable.js';
import { type Account, Email } from '../stores/records/account.js';
import type { Actor } from '../stores/records/auditEvent.js';
import { retryOnConflict } from '../stores/retryOnConflict.js';
import type { Stores } from '../stores/stores.js';
import { demandNewPassword } from './demandNewPassword.js';
import { accountByEmail, accountById } from './findAccount.js';
import { formerHolderDetails, handOver, handoverChanges } from './holder.js';
import { newAccount } from './newAccount.js';
import { hashPassword, verifyPassword } from './passwords.js';

export interface GivenAccount {
  readonly email: string;
  readonly name: string;
  /** When left out: as it is, and false for a new address. */
  readonly emailVerified?: boolean;
  /** In clear, or its argon2id hash; when both are left out the password stays as it is. */
  readonly password?: string;
  readonly passwordHash?: string;
}

/**
 * Makes or changes an account; the same again changes nothing. Another password ends all sign-in sessions, and the
 * holder of an account of an unverified address loses it when the address becomes verified or gets a password.
 * @param stores where the directory is
 * @param actor who does it; the caller has made sure that this is the operator
 * @param accountId the id, chosen by the caller
 * @param given what the account is from now on
 * @returns the account, and whether it is new
 * @throws DirectoryError `invalid` for a field, `conflict` when the address belongs to another account
 */
export async function putAccount(
  stores: Stores,
  actor: Actor,
  accountId: string,
  given: GivenAccount,
): Promise<{ account: Account; created: boolean }> {
  const id = validated(ChosenId, accountId);
  const fields = { ...given, email: validated(Email, given.email), name: validated(Name, given.name) };
  if (given.password !== undefined) demandNewPassword(given.password);
  const { durable } = stores;
  return retryOnConflict(async () => {
    await demandFreeAddress(durable, fields.email, id);
    const before = await accountById(durable, id);
    if (!before) await finishRemovalsOf(durable, id);
    const { account, changes } = before
      ? await changed(durable, actor, before, fields)
      : newAccount(actor, {
          id,
          email: fields.email,
          name: fields.name,
          emailVerified: fields.emailVerified ?? false,
          passwordHash: await hashOf(fields),
        });
    if (changes.length > 0) await durable.commit(changes);
    return { account, created: before === undefined };
  });
}

async function demandFreeAddress(durable: DurableStore, email: string, accountId: string): Promise<void> {
  const holder = await accountByEmail(durable, email);
  if (holder && holder.id !== accountId)
    throw new DirectoryError(
      'conflict',
      `${email} belongs to the account ${holder.id}; use that id, or another email address.`,
    );
}

const hashOf = async ({ password, passwordHash }: GivenAccount): Promise<string | undefined> =>
  password === undefined ? passwordHash : hashPassword(password);

/** The new hash when the password is another one than before, or when the account is handed over, which ends the one before. */
async function newHash(before: Account, given: GivenAccount, emailVerified: boolean): Promise<string | undefined> {
  if (emailVerified && !before.emailVerified) return hashOf(given);
  if (given.password !== undefined && (await verifyPassword(before.passwordHash, given.password))) return undefined;
  const hash = await hashOf(given);
  return hash === before.passwordHash ? undefined : hash;
}

async function changed(
  durable: DurableStore,
  actor: Actor,
  before: Stored<Account>,
  given: GivenAccount,
): Promise<{ account: Account; changes: Change[] }> {
  const { email, name } = given;
  const emailVerified = given.emailVerified ?? (email === before.email && before.emailVerified);
  const passwordHash = await newHash(before, given, emailVerified);
  const handover = await handOver(durable, actor, before, { email, name, emailVerified, passwordHash });
  const formerHolder = formerHolderDetails(handover);
  const details = {
    ...(name !== before.name && { name }),
    ...(email !== before.email && { email }),
    ...(emailVerified !== before.emailVerified && { emailVerified, ...formerHolder }),
  };
  const about = { accountId: before.id };
  const events = [
    ...(Object.keys(details).length > 0 ? [audit(actor, { action: 'account.changed', ...about, details })] : []),
    ...(passwordHash === undefined
      ? []
      : [
          audit(actor, {
            action: 'account.password-set',
            ...about,
            ...(handover.ended && { details: formerHolder }),
          }),
        ]),
  ];
  return { account: handover.account, changes: events.length > 0 ? [...handoverChanges(handover), ...events] : [] };
}
