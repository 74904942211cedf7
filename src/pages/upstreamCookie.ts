/** The cookie that binds upstream sign-ins to the browser in which they begin. */
import { PENDING_MS } from '../accounts/upstream/pendingSignIn.js';
import type { HttpContext } from '../http/context.js';
import { newSecret } from '../ids.js';
import { attributes } from './cookies.js';
import type { Site } from './site.js';

/** With its own path, so that no other page gets it; `__Host-` would demand the path `/`. */
const name = ({ config }: Site): string => (config.secure ? '__Secure-upstream' : 'upstream');

/** The secret of this browser, if it has one. */
export const knownBrowser = (site: Site, ctx: HttpContext): string | undefined =>
  ctx.cookies.get(name(site), { signed: true });

/** The secret of this browser, made when it has none; several sign-ins at once, in several tabs, share it. */
export function thisBrowser(site: Site, ctx: HttpContext): string {
  const secret = knownBrowser(site, ctx) ?? newSecret();
  const path = `${site.config.basePath}/login/upstream`;
  ctx.cookies.set(name(site), secret, { ...attributes(site), path, maxAge: PENDING_MS });
  return secret;
}
