/** A person's sign-in sessions: seeing them and ending them, one or all but this. */
import { audit } from '../audit.js';
import { secretHash } from '../ids.js';
import { replace } from '../stores/durable.js';
import { type Account, accounts } from '../stores/records/account.js';
import type { Actor } from '../stores/records/auditEvent.js';
import { retryOnConflict } from '../stores/retryOnConflict.js';
import type { Stores } from '../stores/stores.js';
import { existingAccount } from './findAccount.js';
import {
  lastVisit,
  noteEnded,
  type SignedIn,
  type SignInSession,
  sessions,
  wasEnded,
  withSessionsEnded,
} from './sessions.js';

export interface ListedSession {
  /** The hash of the session id: it names the session, and nobody can sign in with it. */
  readonly keyHash: string;
  readonly session: SignInSession;
  readonly lastSeenAt: number;
  /** Whether it is the one that asks. */
  readonly own: boolean;
}

/** The sessions of the person who asks: this one first, then the newest; at most fifty. */
export async function sessionsOf(stores: Stores, { account, sessionId }: SignedIn): Promise<ListedSession[]> {
  const found = await stores.volatile.listGroup(sessions, account.id);
  const live = found.filter(({ value, keyHash }) => !wasEnded(account, value, keyHash));
  const listed = await Promise.all(
    live.map(async ({ keyHash, value: session }) => ({
      keyHash,
      session,
      lastSeenAt: await lastVisit(stores, keyHash, session),
      own: keyHash === secretHash(sessionId),
    })),
  );
  return listed.toSorted((a, b) => Number(b.own) - Number(a.own) || b.lastSeenAt - a.lastSeenAt);
}

/** What names a session: SHA-256 in base64url. No key of a store could hold whatever a form says instead. */
const HASH = /^[\w-]{43}$/;

/**
 * Ends one of an account's sessions; one that is over, or another account's, is no error.
 * @param lifetime of sessions, in seconds
 */
export async function endListedSession(
  stores: Stores,
  accountId: string,
  keyHash: string,
  lifetime: number,
): Promise<void> {
  if (!HASH.test(keyHash)) return;
  const listed = (await stores.volatile.listGroup(sessions, accountId)).find((other) => other.keyHash === keyHash);
  const until = listed?.value.expiresAt ?? Date.now() + lifetime * 1_000;
  await noteEnded(stores.durable, accountId, keyHash, until);
  await stores.volatile.removeFromGroup(sessions, accountId, keyHash);
}

/**
 * Ends all sessions of an account, in every browser, by one durable write; the caller gives the browser that asks a new
 * one.
 * @param asking the session that asks; when it was ended itself meanwhile, nothing happens
 * @returns the account as it is now, or undefined when the session is over
 */
export async function endAllSessions(
  stores: Stores,
  actor: Actor,
  { account: { id: accountId }, session: asking, sessionId }: SignedIn,
): Promise<Account | undefined> {
  return retryOnConflict(async () => {
    const before = await existingAccount(stores.durable, accountId);
    if (wasEnded(before, asking, secretHash(sessionId))) return undefined;
    const account = withSessionsEnded(before);
    await stores.durable.commit([
      replace(accounts, account),
      audit(actor, { action: 'account.sessions-ended', accountId }),
    ]);
    return account;
  });
}
