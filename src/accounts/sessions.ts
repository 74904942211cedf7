/** Sign-in sessions: one for each browser that a person signed in with; the OAuth flow and the pages share it. */
import { z } from 'zod';
import { newSecret } from '../ids.js';
import type { Stored } from '../stores/collection.js';
import { type Account, accounts } from '../stores/records/account.js';
import type { Stores } from '../stores/stores.js';
import { volatileKind } from '../stores/volatile.js';

const SignInSession = z.strictObject({
  accountId: z.string(),
  /** When the password was given (milliseconds, UTC). */
  authenticatedAt: z.int(),
  expiresAt: z.int(),
});
export type SignInSession = z.infer<typeof SignInSession>;

const sessions = volatileKind('sign-in-session', SignInSession);

export interface SignedIn {
  readonly sessionId: string;
  readonly account: Stored<Account>;
  readonly authenticatedAt: number;
}

/**
 * Starts a session under a new id, which a sign-in always does (session fixation).
 * @param lifetime in seconds
 * @returns the session id for the cookie, and the session
 */
export async function startSession(
  stores: Stores,
  accountId: string,
  lifetime: number,
): Promise<{ sessionId: string; session: SignInSession }> {
  const authenticatedAt = Date.now();
  const session = { accountId, authenticatedAt, expiresAt: authenticatedAt + lifetime * 1_000 };
  const sessionId = newSecret();
  await stores.volatile.set(sessions, sessionId, session, session.expiresAt);
  return { sessionId, session };
}

/** Who is signed in with this session id; undefined when nobody is, or the account is gone. */
export async function findSession(stores: Stores, sessionId: string): Promise<SignedIn | undefined> {
  const session = await stores.volatile.get(sessions, sessionId);
  const account = session && (await stores.durable.get(accounts, session.accountId));
  return account && { sessionId, account, authenticatedAt: session.authenticatedAt };
}

/** Ends a session; its cookie is worthless from then on. */
export async function endSession(stores: Stores, sessionId: string): Promise<void> {
  await stores.volatile.remove(sessions, sessionId);
}
