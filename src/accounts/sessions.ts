/** Sign-in sessions: one for each browser that a person signed in with; the OAuth flow and the pages share it. */
import { z } from 'zod';
import { newSecret, secretHash } from '../ids.js';
import { DirectoryError } from '../organizations/directoryError.js';
import type { Stored } from '../stores/collection.js';
import { type Change, type DurableStore, replace, unchanged } from '../stores/durable.js';
import { type Account, accounts, MOST_ENDED_SESSIONS } from '../stores/records/account.js';
import { retryOnConflict } from '../stores/retryOnConflict.js';
import type { Stores } from '../stores/stores.js';
import { volatileKind } from '../stores/volatile.js';
import { TEXT_BOUNDS } from '../textBounds.js';

const SignInSession = z.strictObject({
  accountId: z.string(),
  /** The account's at sign-in; as soon as the account has another one, this session is over. */
  generation: z.int(),
  startedAt: z.int(),
  /** When the password was given last, here or at the upstream (milliseconds, UTC); 0: not known. */
  authenticatedAt: z.int(),
  expiresAt: z.int(),
  ip: z.string(),
  /** As the browser sent it, so that people recognise their own. */
  userAgent: z.string().max(TEXT_BOUNDS.userAgent.most),
});
export type SignInSession = z.infer<typeof SignInSession>;

export const sessions = volatileKind('sign-in-session', SignInSession);

/** Apart from the session: written over it, a visit at the same moment would bring an ended session back. */
const lastSeen = volatileKind('sign-in-session-seen', z.int());
const SEEN_EVERY_MS = 5 * 60_000;

export interface SignedIn {
  readonly sessionId: string;
  readonly account: Stored<Account>;
  readonly authenticatedAt: number;
  readonly session: SignInSession;
}

/** What is known of a browser. */
export interface Device {
  readonly ip: string;
  readonly userAgent: string;
}

/** Which sessions of an account are still good: those of its present generation. */
export const generationOf = (account: Account): number => account.sessionGeneration ?? 0;

/**
 * Starts a session under a new id, which a sign-in always does (session fixation).
 * @param account as it was when the password was found right: when that was changed since, the session is over at once
 * @param lifetime in seconds
 * @param authenticatedAt when the person authenticated (milliseconds, UTC), if that was not now; 0: not known
 * @returns the session id for the cookie, and the session
 */
export async function startSession(
  stores: Stores,
  account: Account,
  lifetime: number,
  { ip, userAgent }: Device,
  authenticatedAt?: number,
): Promise<{ sessionId: string; session: SignInSession }> {
  const startedAt = Date.now();
  return store(stores, {
    accountId: account.id,
    generation: generationOf(account),
    startedAt,
    authenticatedAt: authenticatedAt ?? startedAt,
    expiresAt: startedAt + lifetime * 1_000,
    ip,
    userAgent: userAgent.slice(0, TEXT_BOUNDS.userAgent.most),
  });
}

/**
 * Gives a browser a new session in place of the one that it had, for example because all sessions were ended but this.
 * @param account as it is now
 * @param authenticatedAt when the password was given, if that was now
 */
export async function renewSession(
  stores: Stores,
  { sessionId, session }: SignedIn,
  account: Account,
  authenticatedAt = session.authenticatedAt,
): Promise<{ sessionId: string; session: SignInSession }> {
  const renewed = await store(stores, { ...session, generation: generationOf(account), authenticatedAt });
  // Of an earlier generation, so it is over already; this only tidies up.
  await stores.volatile.remove(sessions, sessionId);
  return renewed;
}

async function store(stores: Stores, session: SignInSession): Promise<{ sessionId: string; session: SignInSession }> {
  const sessionId = newSecret();
  await stores.volatile.set(sessions, sessionId, session, session.expiresAt, session.accountId);
  return { sessionId, session };
}

/** Who is signed in with this session id; undefined when nobody is, the account is gone, or all its sessions were ended. */
export async function findSession(stores: Stores, sessionId: string): Promise<SignedIn | undefined> {
  const session = await stores.volatile.get(sessions, sessionId);
  if (!session) return undefined;
  const [account] = await Promise.all([
    stores.durable.get(accounts, session.accountId),
    noteVisit(stores, secretHash(sessionId), session),
  ]);
  if (!account || wasEnded(account, session, secretHash(sessionId))) return undefined;
  return { sessionId, account, authenticatedAt: session.authenticatedAt, session };
}

/** Ends a session; its cookie is worthless from then on. One that is over is no error. */
export async function endSession(stores: Stores, sessionId: string): Promise<void> {
  const session = await stores.volatile.get(sessions, sessionId);
  if (session) await noteEnded(stores.durable, session.accountId, secretHash(sessionId), session.expiresAt);
  await stores.volatile.remove(sessions, sessionId);
}

/** Whether a session that the store of sessions has was ended nevertheless, alone or with all others. */
export const wasEnded = (account: Account, { generation }: SignInSession, keyHash: string): boolean =>
  generationOf(account) !== generation || (account.endedSessions ?? []).some(({ hash }) => hash === keyHash);

/**
 * Demands that the session in which a person asks for a change is still good, as a condition of the commit that does it.
 * @param asking undefined when it is no session that asks
 * @returns what to commit with the change
 * @throws DirectoryError `forbidden` when the session was ended
 */
export async function demandSession(
  durable: DurableStore,
  asking: Pick<SignedIn, 'session' | 'sessionId'> | undefined,
): Promise<Change[]> {
  if (!asking) return [];
  const account = await durable.get(accounts, asking.session.accountId);
  if (account && !wasEnded(account, asking.session, secretHash(asking.sessionId)))
    return [unchanged(accounts, account)];
  throw new DirectoryError('forbidden', 'You were signed out meanwhile. Sign in and try again.');
}

/** The account with all of its sessions ended, as soon as it is stored. */
export function withSessionsEnded<T extends Account>({ endedSessions: _, ...account }: T) {
  return { ...account, sessionGeneration: generationOf(account as Account) + 1 };
}

/**
 * Notes durably that one session was ended, before the store of sessions removes it: a Redis that fails over to a replica
 * may have lost that removal, and the session would be back.
 * @param until when it would have been over anyway (milliseconds, UTC)
 */
export function noteEnded(durable: DurableStore, accountId: string, hash: string, until: number): Promise<void> {
  return retryOnConflict(async () => {
    const account = await durable.get(accounts, accountId);
    if (!account) return;
    const known = (account.endedSessions ?? []).filter((ended) => ended.until > Date.now() && ended.hash !== hash);
    const endedSessions = [...known, { hash, until }];
    const full = endedSessions.length > MOST_ENDED_SESSIONS;
    await durable.commit([replace(accounts, full ? withSessionsEnded(account) : { ...account, endedSessions })]);
  });
}

async function noteVisit(stores: Stores, keyHash: string, session: SignInSession): Promise<void> {
  const now = Date.now();
  if (now - (await lastVisit(stores, keyHash, session)) < SEEN_EVERY_MS) return;
  // Nobody should be kept from a page because the time of the visit could not be noted.
  await stores.volatile.set(lastSeen, keyHash, now, session.expiresAt).catch(() => undefined);
}

/** When a session was last used, to within five minutes. */
export async function lastVisit(stores: Stores, keyHash: string, { startedAt }: SignInSession): Promise<number> {
  return (await stores.volatile.get(lastSeen, keyHash)) ?? startedAt;
}
