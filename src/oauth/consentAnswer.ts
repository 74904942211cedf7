/** What a person's answer to an authorization request makes of it; each request is answered once. */
import { setTimeout } from 'node:timers/promises';
import { errors, type Provider } from 'oidc-provider';
import { z } from 'zod';
import type { SignedIn } from '../accounts/sessions.js';
import { openConnection } from '../connections/openConnection.js';
import type { HttpContext } from '../http/context.js';
import { HttpError, storeUnavailable } from '../http/errors.js';
import { because } from '../http/refusal.js';
import { secretHash } from '../ids.js';
import { volatileKind } from '../stores/volatile.js';
import { noted } from './connectionNow.js';
import type { Offer } from './consentOffer.js';
import { type ConsentRequest, requestIsOver } from './consentRequest.js';
import type { OauthContext } from './context.js';

/** What a person answers, and in which sign-in session. */
export interface Said {
  readonly sessionId: string;
  readonly decision: 'approve' | 'deny';
  readonly organizationId?: string | undefined;
}

/** One answer for each request, the first one that is given; both are hashes. */
const Answer = z.strictObject({ session: z.string(), said: z.string() });
const answers = volatileKind('consent-answer', Answer);
const recordOf = ({ sessionId, decision, organizationId }: Said): z.infer<typeof Answer> => ({
  session: secretHash(sessionId),
  said: secretHash(JSON.stringify(decision === 'deny' ? [decision] : [decision, organizationId])),
});
const ANSWER_KEPT_MS = 60 * 60_000;

const answeredAlready = () =>
  because(
    'consent-answered',
    new HttpError(403, 'access_denied', 'This request was answered already.', {
      whatToDo: 'Go back to your MCP client; if it is not connected, connect again.',
    }),
  );

/** How long an answer that comes a second time waits for the first one, and how often it looks. */
const WAITS_MS = 8_000;
const LOOKS_EVERY_MS = 50;

/**
 * The answer that this session has given to a request, if any.
 * @param said undefined to ask for any answer, which is not waited for
 * @returns where the first one led, when it was the same
 * @throws HttpError 403 when it was another one, 503 when it does not come to its end
 */
export async function answeredBefore(
  oauth: OauthContext,
  provider: Provider,
  uid: string,
  sessionId: string,
  said?: Said,
): Promise<string | undefined> {
  const { volatile } = oauth.stores;
  const until = Date.now() + WAITS_MS;
  for (;;) {
    const before = await volatile.get(answers, uid);
    if (before?.session !== secretHash(sessionId)) return undefined;
    if (said && before.said !== recordOf(said).said) throw answeredAlready();
    const interaction = await provider.Interaction.find(uid);
    if (!interaction || interaction.result) return `${oauth.config.baseUrl}/authorize/${encodeURIComponent(uid)}`;
    if (!said) return undefined;
    if (Date.now() > until) throw storeUnavailable();
    await setTimeout(LOOKS_EVERY_MS);
  }
}

/**
 * The person approves: this creates a pending connection in this organization.
 * @param offer what the page said that it would be able to do there
 * @returns where the browser goes next, or undefined when the MCP access policy refuses this organization now
 * @throws HttpError 403 when the request was answered before
 */
export async function approve(
  oauth: OauthContext,
  provider: Provider,
  ctx: HttpContext,
  request: ConsentRequest,
  person: SignedIn,
  organizationId: string,
  { scope, exchanges, replaces }: Offer,
): Promise<string | undefined> {
  const accountId = person.account.id;
  const said = { sessionId: person.sessionId, decision: 'approve' as const, organizationId };
  return answerOnce(oauth, request, said, async () => {
    const connection = await openConnection(oauth.stores, { kind: 'account', accountId, ip: ctx.state.ip }, person, {
      accountId,
      organizationId,
      clientId: request.client.id,
      clientName: request.client.name,
      ...(request.client.verifiedHost ? { verifiedHost: request.client.verifiedHost } : {}),
      ...(request.client.preRegistered ? { preRegistered: true as const } : {}),
      resource: request.resource.indicator,
      scope,
      exchanges: noted(exchanges),
      ...(replaces.length > 0 ? { replaces: [...replaces] } : {}),
    });
    if (!connection) return undefined;
    const login = { accountId, remember: false, ts: Math.floor(person.authenticatedAt / 1_000) };
    return answer(provider, ctx, { login, consent: { grantId: connection.id } });
  });
}

/**
 * The person denies, or has no organization to pick: the client gets `access_denied` (RFC 6749 §4.1.2.1).
 * @returns where the browser goes next
 * @throws HttpError 403 when the request was answered before
 */
export async function deny(
  oauth: OauthContext,
  provider: Provider,
  ctx: HttpContext,
  request: ConsentRequest,
  person: SignedIn,
  reason: string,
): Promise<string> {
  const result = { error: 'access_denied', error_description: reason };
  const said = { sessionId: person.sessionId, decision: 'deny' as const };
  return answerOnce(oauth, request, said, () => answer(provider, ctx, result));
}

/** Answers a request unless somebody did; when there is no answer in the end, the request can be answered again. */
async function answerOnce<T>(
  oauth: OauthContext,
  request: ConsentRequest,
  said: Said,
  give: () => Promise<T>,
): Promise<T> {
  const first = await oauth.stores.volatile.add(answers, request.uid, recordOf(said), Date.now() + ANSWER_KEPT_MS);
  if (!first) throw answeredAlready();
  let given: T | undefined;
  try {
    given = await give();
    return given;
  } finally {
    if (given === undefined) await oauth.stores.volatile.remove(answers, request.uid);
  }
}

type Result = Parameters<Provider['interactionResult']>[2];

/** @throws HttpError 403 when the request ended since it was looked up, in another tab for example */
async function answer(provider: Provider, ctx: HttpContext, result: Result): Promise<string> {
  try {
    return await provider.interactionResult(ctx.req, ctx.res, result, { mergeWithLastSubmission: false });
  } catch (error) {
    throw error instanceof errors.SessionNotFound ? requestIsOver(ctx.method) : error;
  }
}
