/** A forgotten password: a secret that is mailed, works once within an hour, and is stored as its hash alone. */
import { z } from 'zod';
import { audit } from '../audit.js';
import { newSecret } from '../ids.js';
import type { Stored } from '../stores/collection.js';
import { type Account, Email } from '../stores/records/account.js';
import { retryOnConflict } from '../stores/retryOnConflict.js';
import type { Stores } from '../stores/stores.js';
import { volatileKind } from '../stores/volatile.js';
import { demandNewPassword } from './demandNewPassword.js';
import { accountByEmail, accountById } from './findAccount.js';
import { formerHolderDetails, handOver, handoverChanges } from './holder.js';
import { hashPassword } from './passwords.js';
import { generationOf } from './sessions.js';

const LIFETIME_MS = 60 * 60_000;
const ONE_MAIL_EACH_MS = 60_000;

/** The generation makes it single-use: a new password moves it on, which ends this secret and all older ones. */
const PasswordReset = z.strictObject({ accountId: z.string(), email: z.string(), generation: z.int() });
const resets = volatileKind('password-reset', PasswordReset);
const mailed = volatileKind('password-reset-mailed', z.literal(true));

/**
 * Makes a secret for the account with this address.
 * @returns undefined when there is no such account, or it got a secret less than a minute ago
 */
export async function newPasswordReset(
  stores: Stores,
  typed: string,
): Promise<{ account: Account; token: string } | undefined> {
  const email = Email.safeParse(typed).data;
  const account = email === undefined ? undefined : await accountByEmail(stores.durable, email);
  if (!account || !(await stores.volatile.add(mailed, account.id, true, Date.now() + ONE_MAIL_EACH_MS)))
    return undefined;
  const token = newSecret();
  const reset = { accountId: account.id, email: account.email, generation: generationOf(account) };
  await stores.volatile.set(resets, token, reset, Date.now() + LIFETIME_MS);
  return { account, token };
}

/** The account whose password this secret may set now; undefined when it was used, is too old, or was never given. */
export async function accountToReset(stores: Stores, token: string): Promise<Stored<Account> | undefined> {
  const reset = await stores.volatile.get(resets, token);
  const account = reset && (await accountById(stores.durable, reset.accountId));
  return account?.email === reset?.email && account && generationOf(account) === reset?.generation
    ? account
    : undefined;
}

/**
 * Sets the password with a mailed secret: of several uses at once the first wins. Ends all sessions; and since the mail
 * was read, the address is the person's.
 * @param ip where the secret came from
 * @returns the account, or undefined when the secret is worth nothing (any more)
 * @throws DirectoryError `invalid` for the password; the secret stays good
 */
export async function resetPassword(
  stores: Stores,
  token: string,
  password: string,
  ip: string,
): Promise<Account | undefined> {
  // Before the work of hashing, which nobody without a secret should be able to cause.
  if (!(await accountToReset(stores, token))) return undefined;
  demandNewPassword(password);
  const passwordHash = await hashPassword(password);
  return retryOnConflict(async () => {
    const before = await accountToReset(stores, token);
    if (!before) return undefined;
    const { id: accountId } = before;
    const actor = { kind: 'account', accountId, ip } as const;
    const handover = await handOver(stores.durable, actor, before, { emailVerified: true, passwordHash });
    const details = { by: 'mailed link', ...formerHolderDetails(handover) };
    const event = audit(actor, { action: 'account.password-set', accountId, details });
    await stores.durable.commit([...handoverChanges(handover), event]);
    return handover.account;
  });
}
