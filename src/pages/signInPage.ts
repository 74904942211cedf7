/** The sign-in page: with a password, with the upstream, or either. */
import type { HttpContext } from '../http/context.js';
import { waitingClientName } from '../oauth/consentRequest.js';
import { cardFor } from './browserSession.js';
import { signInQueryText } from './signInQuery.js';
import type { Site } from './site.js';
import type { LoginData } from './viewData.js';

export interface SignInPage {
  /** Where the browser goes afterwards; a path of this server. */
  readonly returnTo: string | undefined;
  /** Whether the person has to authenticate anew at the upstream too. */
  readonly again?: boolean | undefined;
  /** The moment at or after which the person must have authenticated (milliseconds, UTC). */
  readonly since?: number | undefined;
  readonly email?: string;
  readonly error?: string;
  readonly notice?: string | undefined;
}

/** Fills the answer with the sign-in page. */
export async function showSignIn(site: Site, ctx: HttpContext, shown: SignInPage): Promise<void> {
  const { title, csrfToken } = await cardFor(site, ctx, 'Sign in');
  const { returnTo, email, error, notice } = shown;
  const uid = /^\/interaction\/([\w-]+)$/.exec(returnTo?.slice(site.config.basePath.length) ?? '')?.[1];
  ctx.body = site.render('login', {
    page: { title, csrfToken },
    clientName: uid && (await waitingClientName(site.oauth, site.provider, uid)),
    passwords: site.config.file.passwordSignIn,
    upstream: upstreamButton(site, shown),
    demo: site.demoAccounts,
    forgotten: forgottenPassword(site),
    returnTo,
    email,
    error,
    notice,
  });
}

/** The button that leads to the upstream; undefined where there is none. */
export function upstreamButton(
  { config, upstream }: Site,
  { returnTo, again, since }: Pick<SignInPage, 'returnTo' | 'again' | 'since'>,
): LoginData['upstream'] {
  if (!upstream) return undefined;
  const query = signInQueryText({ returnTo, again, since });
  return { name: upstream.settings.name, href: `${config.basePath}/login/upstream${query}` };
}

/** Where a forgotten password leads; only where there are passwords and mail can be sent. */
export const forgottenPassword = ({ config, mailer }: Site): string | undefined =>
  config.file.passwordSignIn && mailer ? `${config.basePath}/password/forgotten` : undefined;
