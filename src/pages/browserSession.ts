/** The cookies of a browser: the sign-in session, and before sign-in an id that forms are bound to. */
import { endSession, findSession, renewSession, type SignedIn, startSession } from '../accounts/sessions.js';
import type { HttpContext } from '../http/context.js';
import { assertOwnForm, csrfToken } from '../http/csrf.js';
import { HttpError } from '../http/errors.js';
import { readForm } from '../http/form.js';
import { within } from '../http/limits.js';
import { newSecret } from '../ids.js';
import type { Account } from '../stores/records/account.js';
import { attributes, cookieName } from './cookies.js';
import { sendOnce } from './formOnce.js';
import { menuFor } from './menu.js';
import type { Page } from './pageData.js';
import type { Site } from './site.js';

/** Who is signed in in this browser; read once a request. */
export function signedIn(site: Site, ctx: HttpContext): Promise<SignedIn | undefined> {
  const id = ctx.cookies.get(cookieName(site, 'session'), { signed: true });
  ctx.state.session ??= id ? findSession(site.stores, id) : Promise.resolve(undefined);
  return ctx.state.session;
}

/**
 * Signs in: ends the session that this browser had and starts a new one under a new id.
 * @param account as it was when the password was found right, or the upstream vouched for the person
 * @param authenticatedAt when the person authenticated, if that was not now
 */
export async function signIn(site: Site, ctx: HttpContext, account: Account, authenticatedAt?: number): Promise<void> {
  await endOwnSession(site, ctx);
  const device = { ip: ctx.state.ip, userAgent: ctx.get('User-Agent') };
  const { signInSession } = site.config.file.limits;
  keepSession(site, ctx, await startSession(site.stores, account, signInSession, device, authenticatedAt));
}

/**
 * Keeps this browser signed in while all other sessions end.
 * @param account as it is now
 * @param authenticatedAt when the password was given, if that was now
 */
export async function stayIn(
  site: Site,
  ctx: HttpContext,
  person: SignedIn,
  account: Account,
  authenticatedAt?: number,
): Promise<void> {
  keepSession(site, ctx, await renewSession(site.stores, person, account, authenticatedAt));
}

function keepSession(site: Site, ctx: HttpContext, started: Awaited<ReturnType<typeof startSession>>): void {
  const maxAge = started.session.expiresAt - Date.now();
  ctx.cookies.set(cookieName(site, 'session'), started.sessionId, { ...attributes(site), maxAge });
}

/** Signs out; nothing happens when nobody was signed in. */
export async function signOut(site: Site, ctx: HttpContext): Promise<void> {
  await endOwnSession(site, ctx);
  ctx.cookies.set(cookieName(site, 'session'), null, attributes(site));
}

async function endOwnSession(site: Site, ctx: HttpContext): Promise<void> {
  const id = ctx.cookies.get(cookieName(site, 'session'), { signed: true });
  if (id) await endSession(site.stores, id);
}

/** A longer address is not kept through a sign-in: encoded once more, it would make a header that proxies refuse. */
const LONGEST_RETURN = 2_000;

/** The signed-in person; sends everybody else to the sign-in page and back here. */
export async function personOrSignIn(site: Site, ctx: HttpContext): Promise<SignedIn | undefined> {
  const person = await signedIn(site, ctx);
  if (person) return person;
  const back = encodeURIComponent(ctx.originalUrl);
  ctx.redirect(`${site.config.basePath}/login${back.length > LONGEST_RETURN ? '' : `?return_to=${back}`}`);
  return undefined;
}

/** What every page of the account shows: its title, who is signed in, the menus, and the token for its forms. */
export async function pageFor(site: Site, ctx: HttpContext, title: string): Promise<Page> {
  const [page, person] = await Promise.all([cardFor(site, ctx, title), signedIn(site, ctx)]);
  return person ? { ...page, menu: await menuFor(site, ctx, person.account) } : page;
}

/** The same for a page with one card and no menus: sign-in, consent. */
export async function cardFor(site: Site, ctx: HttpContext, title: string): Promise<Page> {
  const person = await signedIn(site, ctx);
  return {
    title,
    csrfToken: csrfToken(site.config.cookieKeys, person?.sessionId ?? browserId(site, ctx)),
    ...(person ? { account: { name: person.account.name, email: person.account.email } } : {}),
  };
}

/**
 * Reads a form that was posted from one of our pages, and counts it against the limit of the account that is signed in:
 * whatever a form changes, one account posts only so many.
 * @throws HttpError 403 when it was not, 400, 413 or 415 when it cannot be read, 429 beyond the limit
 */
export async function ownForm(site: Site, ctx: HttpContext): Promise<URLSearchParams> {
  const form = await signOutForm(site, ctx);
  const person = await signedIn(site, ctx);
  // After the form was found to be ours: otherwise another site's page could use the limit up.
  if (person) await within([[site.oauth.limits.changePerAccount, person.account.id]]);
  return form;
}

/**
 * Reads a form that signs out, which no limit may prevent.
 * @throws HttpError 403 when it is not from one of our pages, 400, 413 or 415 when it cannot be read
 */
export async function signOutForm(site: Site, ctx: HttpContext): Promise<URLSearchParams> {
  const form = await readForm(ctx);
  await sendOnce(site, ctx, form);
  const person = await signedIn(site, ctx);
  const binding = person?.sessionId ?? ctx.cookies.get(cookieName(site, 'browser'), { signed: true });
  if (!binding)
    throw new HttpError(403, 'access_denied', 'This browser sent no cookie with the form.', {
      whatToDo: 'Allow cookies for this site, reload the page and try again.',
    });
  assertOwnForm(ctx, site.config.cookieKeys, binding, form.get('csrf_token'));
  return form;
}

function browserId(site: Site, ctx: HttpContext): string {
  const known = ctx.cookies.get(cookieName(site, 'browser'), { signed: true });
  if (known) return known;
  const id = newSecret();
  ctx.cookies.set(cookieName(site, 'browser'), id, attributes(site));
  return id;
}
