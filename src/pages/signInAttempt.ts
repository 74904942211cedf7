/** How often a password may be guessed: slowed for each account and address, without locking the owner out for good. */
import { MOST_PASSWORDS, verifyPassword } from '../accounts/passwords.js';
import { TooBusyError } from '../boundedQueue.js';
import type { HttpContext } from '../http/context.js';
import { giveBack, perAddress, shared, within } from '../http/limits.js';
import { secretHash } from '../ids.js';
import type { Account } from '../stores/records/account.js';
import { attributes, cookieName } from './cookies.js';
import type { Site } from './site.js';

/** For so long a browser is remembered in which somebody signed in (milliseconds). */
const REMEMBERED_MS = 365 * 86_400_000;

/** Attempts that are being made at this moment. */
let underWay = 0;
/** After so many seconds one that was refused is likely to find a place. */
const RETRY_AFTER_S = 2;

/**
 * Refuses an attempt when as many are under way as passwords can be compared and wait for it. Called before anything is read or
 * written for a request, so that a burst of attempts costs others little.
 * @throws TooBusyError which is no attempt
 */
export function demandPlaceForAttempt(): void {
  if (underWay >= MOST_PASSWORDS) throw new TooBusyError(RETRY_AFTER_S);
}

export interface SignInAttempt {
  /** Such an attempt does not count, and this browser is remembered. */
  wasRight(): Promise<void>;
  /** Neither does one that came to nothing. */
  wasNotCompared(): Promise<void>;
}

/**
 * Counts an attempt before the password is looked at. Guesses that are spread over many addresses use up the account's
 * own limit, of which one site has a quarter; browsers in which that account signed in before are exempt from this one, so
 * its owner always gets in.
 * @param email as it was typed
 * @throws HttpError 429
 */
export async function countSignInAttempt(site: Site, ctx: HttpContext, email: string): Promise<SignInAttempt> {
  const account = email.trim().toLowerCase();
  const { signInPerAccount, signInPerAddress, signInPerAccountAndAddress } = site.oauth.limits;
  const { ip } = ctx.state;
  const cookie = cookieName(site, 'known');
  const known = ctx.cookies.get(cookie, { signed: true }) === secretHash(account);
  const counted = [
    ...perAddress(signInPerAddress, ip),
    ...(known ? [] : shared(signInPerAccount, ip, account, signInPerAccountAndAddress.events)),
    ...perAddress(signInPerAccountAndAddress, ip, account),
  ];
  await within(counted);
  return {
    async wasRight() {
      await giveBack(counted);
      ctx.cookies.set(cookie, secretHash(account), { ...attributes(site), maxAge: REMEMBERED_MS });
    },
    wasNotCompared: () => giveBack(counted),
  };
}

/**
 * The account of an address when the password is its own; undefined otherwise, after the same time.
 * @param email as it was typed
 * @param find the account with this address, if there is one
 * @throws HttpError 429 for too many attempts; TooBusyError, without an attempt, when too many passwords wait to be compared
 */
export async function accountWithPassword<A extends Account>(
  site: Site,
  ctx: HttpContext,
  email: string,
  find: () => Promise<A | undefined>,
  password: string,
): Promise<A | undefined> {
  demandPlaceForAttempt();
  underWay += 1;
  try {
    const attempt = await countSignInAttempt(site, ctx, email);
    try {
      const account = await find();
      const matches = await verifyPassword(account?.passwordHash, password);
      if (!account || !matches) return undefined;
      await attempt.wasRight();
      return account;
    } catch (error) {
      if (error instanceof TooBusyError) await attempt.wasNotCompared();
      throw error;
    }
  } finally {
    underWay -= 1;
  }
}
