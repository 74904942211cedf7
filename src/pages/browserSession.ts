/** The cookies of a browser: the sign-in session, and before sign-in an id that forms are bound to. */
import { endSession, findSession, type SignedIn, startSession } from '../accounts/sessions.js';
import type { HttpContext } from '../http/context.js';
import { assertOwnForm, csrfToken } from '../http/csrf.js';
import { HttpError } from '../http/errors.js';
import { readForm } from '../http/form.js';
import { newSecret } from '../ids.js';
import type { Site } from './site.js';
import type { Page } from './viewData.js';

const cookieName = (site: Site, name: string): string => (site.config.secure ? `__Host-${name}` : name);

const attributes = (site: Site) =>
  ({ signed: true, httpOnly: true, sameSite: 'lax', path: '/', secure: site.config.secure }) as const;

/** Who is signed in in this browser; read once a request. */
export function signedIn(site: Site, ctx: HttpContext): Promise<SignedIn | undefined> {
  const id = ctx.cookies.get(cookieName(site, 'session'), { signed: true });
  ctx.state.session ??= id ? findSession(site.stores, id) : Promise.resolve(undefined);
  return ctx.state.session;
}

/** Signs in: ends the session that this browser had and starts a new one under a new id. */
export async function signIn(site: Site, ctx: HttpContext, accountId: string): Promise<void> {
  await signOut(site, ctx);
  const lifetime = site.config.file.limits.signInSession;
  const { sessionId } = await startSession(site.stores, accountId, lifetime);
  ctx.cookies.set(cookieName(site, 'session'), sessionId, { ...attributes(site), maxAge: lifetime * 1_000 });
}

/** Signs out; nothing happens when nobody was signed in. */
export async function signOut(site: Site, ctx: HttpContext): Promise<void> {
  const id = ctx.cookies.get(cookieName(site, 'session'), { signed: true });
  if (id) await endSession(site.stores, id);
  ctx.cookies.set(cookieName(site, 'session'), null, attributes(site));
}

/** The signed-in person; sends everybody else to the sign-in page and back here. */
export async function personOrSignIn(site: Site, ctx: HttpContext): Promise<SignedIn | undefined> {
  const person = await signedIn(site, ctx);
  if (!person) ctx.redirect(`${site.config.basePath}/login?return_to=${encodeURIComponent(ctx.originalUrl)}`);
  return person;
}

/** What every page shows: its title, who is signed in, and the token for its forms. */
export async function pageFor(site: Site, ctx: HttpContext, title: string): Promise<Page> {
  const person = await signedIn(site, ctx);
  return {
    title,
    csrfToken: csrfToken(site.config.cookieKeys, person?.sessionId ?? browserId(site, ctx)),
    ...(person ? { account: { name: person.account.name, email: person.account.email } } : {}),
  };
}

/**
 * Reads a form that was posted from one of our pages.
 * @throws HttpError 403 when it was not, 400, 413 or 415 when it cannot be read
 */
export async function ownForm(site: Site, ctx: HttpContext): Promise<URLSearchParams> {
  const form = await readForm(ctx);
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
