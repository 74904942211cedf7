/** A request for consent at its address: who answers it, and what approving, denying or switching account leads to. */
import type Router from '@koa/router';
import type { SignedIn } from '../accounts/sessions.js';
import type { HttpContext, HttpState } from '../http/context.js';
import { within } from '../http/limits.js';
import { type Refusal, refusalOf } from '../http/refusal.js';
import { seeOther } from '../http/seeOther.js';
import { answeredBefore, approve, deny } from '../oauth/consentAnswer.js';
import { offerIn, offersOf } from '../oauth/consentOffer.js';
import { type ConsentRequest, findConsentRequest } from '../oauth/consentRequest.js';
import { organizationsForMcp } from '../organizations/mayUseMcp.js';
import { ownForm, signedIn, signOut, signOutForm } from './browserSession.js';
import { showConsent, shownIn } from './consentPage.js';
import { showAnswered } from './oauthErrorPage.js';
import { signInAddress } from './signInQuery.js';
import type { Site } from './site.js';

const DENIED = 'The person did not allow this connection.';
const NOTHING_CHOSEN = 'Choose one organization, then allow access.';
const CHANGED = 'What this client asks for has changed since you opened this page. Read it again, then choose.';
const NOT_THIS_ONE = 'That organization cannot be connected: choose one of those below.';

/** Shows a request to whoever is signed in recently enough for it, and takes one answer. */
export function interactionRoutes(site: Site, router: Router<HttpState>): void {
  router.get('/interaction/:uid', async (ctx) => {
    const uid = ctx.params.uid ?? '';
    const who = await signedIn(site, ctx);
    if (who && (await answeredBefore(site.oauth, site.provider, uid, who.sessionId))) return showAnswered(site, ctx);
    const request = await findConsentRequest(site.oauth, site.provider, ctx, uid);
    const person = await personFor(site, ctx, request);
    if (person) await showConsent(site, ctx, request, person);
  });

  router.post('/interaction/:uid', async (ctx) => {
    const form = await ownForm(site, ctx);
    const uid = ctx.params.uid ?? '';
    if (await answeredAlike(site, ctx, uid, form)) return;
    try {
      await takeAnswer(site, ctx, uid, form);
    } catch (error) {
      // The same answer, given twice at once, was faster.
      if (!refusalOf(error).startsWith('consent-') || !(await answeredAlike(site, ctx, uid, form))) throw error;
    }
  });

  router.post('/interaction/:uid/switch-account', async (ctx) => {
    await signOutForm(site, ctx);
    await signOut(site, ctx);
    const returnTo = `${site.config.basePath}/interaction/${encodeURIComponent(ctx.params.uid ?? '')}`;
    // An upstream where somebody is signed in would give the same account at once, unless it is asked to ask.
    seeOther(ctx, site.upstream ? signInAddress(site.config, { again: true, returnTo }) : returnTo);
  });
}

async function takeAnswer(site: Site, ctx: HttpContext, uid: string, form: URLSearchParams): Promise<void> {
  const request = await findConsentRequest(site.oauth, site.provider, ctx, uid);
  const person = await personFor(site, ctx, request);
  if (!person) return;
  const outcome = await answered(site, ctx, request, person, form);
  if ('refused' in outcome) {
    ctx.status = outcome.status;
    ctx.state.refusal = outcome.reason;
    return showConsent(site, ctx, request, person, outcome.refused);
  }
  seeOther(ctx, outcome.next);
}

/**
 * Leads to where this very answer of this session led before: two clicks send a form twice, and so does going back to it.
 * @returns false when it is the first one
 */
async function answeredAlike(site: Site, ctx: HttpContext, uid: string, form: URLSearchParams): Promise<boolean> {
  const person = await signedIn(site, ctx);
  if (!person) return false;
  const { sessionId } = person;
  const decision = form.get('decision') === 'deny' ? 'deny' : 'approve';
  const said = { sessionId, decision, organizationId: form.get('organization_id') ?? undefined } as const;
  const next = await answeredBefore(site.oauth, site.provider, uid, sessionId, said);
  if (next !== undefined) seeOther(ctx, next);
  return next !== undefined;
}

/** The person who answers; one who is not signed in, or not recently enough for this request, signs in first. */
async function personFor(site: Site, ctx: HttpContext, request: ConsentRequest): Promise<SignedIn | undefined> {
  const person = await signedIn(site, ctx);
  if (person && person.authenticatedAt >= request.authenticatedSince) return person;
  const path = `${site.config.basePath}/interaction/${encodeURIComponent(request.uid)}`;
  const again = person !== undefined || request.promptsSignIn;
  seeOther(ctx, signInAddress(site.config, { again, since: request.authenticatedSince, returnTo: path }));
  return undefined;
}

/** Where the browser goes next, or why the page is shown again. */
type Outcome =
  | { readonly next: string }
  | { readonly status: number; readonly refused: string; readonly reason: Refusal };

async function answered(
  { oauth, provider }: Site,
  ctx: HttpContext,
  request: ConsentRequest,
  person: SignedIn,
  form: URLSearchParams,
): Promise<Outcome> {
  const decision = form.get('decision');
  if (decision === 'deny') {
    const possible = await organizationsForMcp(oauth.stores.durable, person.account.id);
    const reason = possible.length > 0 ? DENIED : 'The person has no organization in which MCP access is on.';
    return { next: await deny(oauth, provider, ctx, request, person, reason) };
  }
  const offers = await offersOf(oauth, request, person.account.id);
  const shown = form.get('shown');
  if (shown !== null && shown !== shownIn(request, offers))
    return { status: 409, refused: CHANGED, reason: 'conflict' };
  const organizationId = form.get('organization_id');
  if (decision !== 'approve' || !organizationId)
    return { status: 400, refused: NOTHING_CHOSEN, reason: 'no-organization-chosen' };
  await within([[oauth.limits.consentPerAccount, person.account.id]]);
  // A form that does not say what its page showed is given what the client asks for, and no more.
  const offer = shown === null ? offers.asked : offerIn(offers, organizationId);
  const next = await approve(oauth, provider, ctx, request, person, organizationId, offer);
  return next === undefined ? { status: 403, refused: NOT_THIS_ONE, reason: 'organization-refused' } : { next };
}
