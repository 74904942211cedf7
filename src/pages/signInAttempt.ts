/** How often a password may be guessed: slowed for each account and address, without locking the owner out for good. */
import type { HttpContext } from '../http/context.js';
import { giveBack, perAddress, shared, within } from '../http/limits.js';
import { secretHash } from '../ids.js';
import { attributes, cookieName } from './cookies.js';
import type { Site } from './site.js';

/** For so long a browser is remembered in which somebody signed in (milliseconds). */
const REMEMBERED_MS = 365 * 86_400_000;

/**
 * Counts an attempt before the password is looked at. Guesses that are spread over many addresses use up the account's
 * own limit, of which one site has a quarter; browsers in which that account signed in before are exempt from this one, so
 * its owner always gets in.
 * @param email as it was typed
 * @returns what to call when the password was right: such an attempt does not count
 * @throws HttpError 429
 */
export async function countSignInAttempt(site: Site, ctx: HttpContext, email: string): Promise<() => Promise<void>> {
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
  return async () => {
    await giveBack(counted);
    ctx.cookies.set(cookie, secretHash(account), { ...attributes(site), maxAge: REMEMBERED_MS });
  };
}
