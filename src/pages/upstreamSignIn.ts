/** Signing in with the upstream: the way there, and the way back. */
import type Router from '@koa/router';
import { accountOfIdentity } from '../accounts/upstream/accountOfIdentity.js';
import { applyMapping } from '../accounts/upstream/applyMapping.js';
import { momentOfAuthentication } from '../accounts/upstream/momentOfAuthentication.js';
import type { Upstream } from '../accounts/upstream/openidProvider.js';
import { beginSignIn, endSignIn, type Purpose } from '../accounts/upstream/pendingSignIn.js';
import { UpstreamRefusal } from '../accounts/upstream/refusal.js';
import type { HttpContext, HttpState } from '../http/context.js';
import { giveBack, perAddress, within } from '../http/limits.js';
import { seeOther } from '../http/seeOther.js';
import { signIn } from './browserSession.js';
import { showSignIn } from './signInPage.js';
import { signInAddress, signInQuery } from './signInQuery.js';
import type { Site } from './site.js';
import { knownBrowser, thisBrowser } from './upstreamCookie.js';
import { OVER, refusalInWords } from './upstreamWords.js';

const redirectUri = ({ config }: Site): string => `${config.baseUrl}/login/upstream/callback`;

/** No routes without an upstream. */
export function upstreamSignInRoutes(site: Site, router: Router<HttpState>): void {
  const { upstream } = site;
  if (!upstream) return;
  const { upstreamPerAddress } = site.oauth.limits;

  router.get('/login/upstream', async (ctx) => {
    const { returnTo, ...rest } = signInQuery(site.config, ctx);
    // A page of somebody else must not be able to sign its visitors in.
    if (!['', 'same-origin', 'none'].includes(ctx.get('Sec-Fetch-Site')))
      return ctx.redirect(signInAddress(site.config, { returnTo, ...rest }));
    await within(perAddress(upstreamPerAddress, ctx.state.ip));
    const purpose = { ...rest, ...(returnTo !== undefined && { returnTo }) };
    await orRefused(site, ctx, upstream, purpose, async () => {
      const proofs = await beginSignIn(site.stores, thisBrowser(site, ctx), purpose);
      ctx.redirect((await upstream.address(redirectUri(site), proofs, purpose)).href);
    });
  });

  router.get('/login/upstream/callback', async (ctx) => {
    const { state } = ctx.query;
    const browser = knownBrowser(site, ctx);
    const begun = browser && typeof state === 'string' ? await endSignIn(site.stores, browser, state) : undefined;
    if (!begun) {
      ctx.status = 400;
      ctx.state.refusal = 'upstream-over';
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
      await giveBack(perAddress(upstreamPerAddress, ctx.state.ip));
      seeOther(ctx, purpose.returnTo ?? `${site.config.basePath}/account/connections`);
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
    ctx.state.refusal = `upstream-${reason}`;
    await showSignIn(site, ctx, { ...purpose, returnTo: purpose.returnTo, error: refusal.error });
  }
}
