/** Signing in with the upstream: the way there, and the way back. */
import type Router from '@koa/router';
import { accountOfIdentity } from '../accounts/upstream/accountOfIdentity.js';
import { applyMapping } from '../accounts/upstream/applyMapping.js';
import type { UpstreamIdentity } from '../accounts/upstream/identity.js';
import type { Upstream } from '../accounts/upstream/openidProvider.js';
import { beginSignIn, endSignIn, PENDING_MS, type Purpose } from '../accounts/upstream/pendingSignIn.js';
import { UpstreamRefusal } from '../accounts/upstream/refusal.js';
import type { HttpContext, HttpState } from '../http/context.js';
import { within } from '../http/limits.js';
import { newSecret } from '../ids.js';
import { signIn } from './browserSession.js';
import { attributes } from './cookies.js';
import { showSignIn } from './signInPage.js';
import { signInAddress, signInQuery } from './signInQuery.js';
import type { Site } from './site.js';
import { OVER, refusalInWords } from './upstreamWords.js';

/** Clocks differ: so much earlier than demanded (milliseconds) an authentication may seem to have been. */
const CLOCK_TOLERANCE_MS = 30_000;

const pathOf = ({ config }: Site): string => `${config.basePath}/login/upstream`;
const redirectUri = ({ config }: Site): string => `${config.issuer}/login/upstream/callback`;

export function upstreamSignInRoutes(site: Site, router: Router<HttpState>): void {
  const { upstream } = site;
  if (!upstream) return;
  const { upstreamPerAddress } = site.oauth.limits;

  router.get('/login/upstream', async (ctx) => {
    const { returnTo, ...rest } = signInQuery(site.config, ctx);
    // A page of somebody else must not be able to sign its visitors in.
    if (!['', 'same-origin', 'none'].includes(ctx.get('Sec-Fetch-Site')))
      return ctx.redirect(signInAddress(site.config, { returnTo, ...rest }));
    await within([[upstreamPerAddress, ctx.state.ip]]);
    const purpose = { ...rest, ...(returnTo !== undefined && { returnTo }) };
    await orRefused(site, ctx, upstream, purpose, async () => {
      const proofs = await beginSignIn(site.stores, browserSecret(site, ctx), purpose);
      ctx.redirect((await upstream.address(redirectUri(site), proofs, purpose)).href);
    });
  });

  router.get('/login/upstream/callback', async (ctx) => {
    const { state } = ctx.query;
    const browser = ctx.cookies.get(cookieName(site), { signed: true });
    const begun = browser && typeof state === 'string' ? await endSignIn(site.stores, browser, state) : undefined;
    if (!begun) {
      ctx.status = 400;
      return showSignIn(site, ctx, { returnTo: undefined, error: OVER });
    }
    const { purpose, proofs } = begun;
    await orRefused(site, ctx, upstream, purpose, async () => {
      const identity = await upstream.identity(new URL(`${redirectUri(site)}${ctx.search}`), proofs);
      const authenticatedAt = momentOfAuthentication(identity, purpose);
      const account = await accountOfIdentity(site.stores, identity, { ip: ctx.state.ip });
      const problems = await applyMapping(site.stores, account.id, upstream.settings.mapping, identity.claims);
      for (const problem of problems) site.oauth.log.warn({ requestId: ctx.state.requestId }, `mapping: ${problem}`);
      await signIn(site, ctx, account, authenticatedAt);
      await upstreamPerAddress.giveBack(ctx.state.ip);
      ctx.status = 303;
      ctx.redirect(purpose.returnTo ?? `${site.config.basePath}/account/connections`);
    });
  });
}

/** Shows the sign-in page with the reason when the upstream sign-in is refused. */
async function orRefused(
  site: Site,
  ctx: HttpContext,
  { settings: { name } }: Upstream,
  purpose: Purpose,
  attempt: () => Promise<void>,
): Promise<void> {
  try {
    await attempt();
  } catch (error) {
    if (!(error instanceof UpstreamRefusal)) throw error;
    const { reason, message } = error;
    site.oauth.log.warn({ requestId: ctx.state.requestId, reason }, `upstream sign-in refused: ${message}`);
    const refusal = refusalInWords(reason, name, site.config.file.passwordSignIn);
    ctx.status = refusal.status;
    await showSignIn(site, ctx, { ...purpose, returnTo: purpose.returnTo, error: refusal.error });
  }
}

/**
 * When the person authenticated there (milliseconds, UTC); long ago when the upstream does not say.
 * @throws UpstreamRefusal `stale` when it was not recently enough for what the sign-in is for
 */
function momentOfAuthentication({ authenticatedAt = 0 }: UpstreamIdentity, { since }: Purpose): number {
  if (since > 0 && authenticatedAt < since - CLOCK_TOLERANCE_MS)
    throw new UpstreamRefusal('stale', 'The person authenticated at the upstream before the moment that was demanded.');
  return Math.min(Date.now(), Math.max(authenticatedAt, since));
}

const cookieName = ({ config }: Site): string => (config.secure ? '__Secure-upstream' : 'upstream');

/** The secret that binds sign-ins to this browser; several at once, in several tabs, share it. */
function browserSecret(site: Site, ctx: HttpContext): string {
  const name = cookieName(site);
  const secret = ctx.cookies.get(name, { signed: true }) ?? newSecret();
  ctx.cookies.set(name, secret, { ...attributes(site), path: pathOf(site), maxAge: PENDING_MS });
  return secret;
}
