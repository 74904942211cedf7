/** How often a password may be guessed: slowed for each account and address, without locking the owner out for good. */
import type { HttpContext } from '../http/context.js';
import { countedAddress } from '../http/countedAddress.js';
import { within } from '../http/limits.js';
import { secretHash } from '../ids.js';
import { attributes, cookieName } from './cookies.js';
import type { Site } from './site.js';

/** For so long a browser is remembered in which somebody signed in (milliseconds). */
const REMEMBERED_MS = 365 * 86_400_000;

/**
 * Counts an attempt before the password is looked at. Guesses that are spread over many addresses use up the account's
 * own limit; browsers in which that account signed in before are exempt from this one, so its owner always gets in.
 * @param email as it was typed
 * @returns what to call when the password was right: such an attempt does not count
 * @throws HttpError 429
 */
export async function countSignInAttempt(site: Site, ctx: HttpContext, email: string): Promise<() => Promise<void>> {
  const account = email.trim().toLowerCase();
  const { signInPerAccount, signInPerAddress, signInPerAccountAndAddress } = site.oauth.limits;
  const address = countedAddress(ctx.state.ip);
  const cookie = cookieName(site, 'known');
  const known = ctx.cookies.get(cookie, { signed: true }) === secretHash(account);
  const counted = [
    [signInPerAccountAndAddress, `${account} ${address}`],
    [signInPerAddress, address],
    ...(known ? [] : [[signInPerAccount, account] as const]),
  ] as const;
  await within(counted);
  return async () => {
    await Promise.all(counted.map(([limiter, key]) => limiter.giveBack(key)));
    ctx.cookies.set(cookie, secretHash(account), { ...attributes(site), maxAge: REMEMBERED_MS });
  };
}
