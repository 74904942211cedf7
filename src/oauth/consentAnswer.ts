/** What a person's answer to an authorization request makes of it; each request is answered once. */
import { errors, type Provider } from 'oidc-provider';
import { z } from 'zod';
import type { SignedIn } from '../accounts/sessions.js';
import { openConnection } from '../connections/openConnection.js';
import type { HttpContext } from '../http/context.js';
import { HttpError } from '../http/errors.js';
import { because } from '../http/refusal.js';
import { volatileKind } from '../stores/volatile.js';
import { noted } from './connectionNow.js';
import { type ConsentRequest, requestIsOver } from './consentRequest.js';
import type { OauthContext } from './context.js';

/** One answer for each request: the first one that is given. */
const answers = volatileKind('consent-answer', z.literal(true));
const ANSWER_KEPT_MS = 60 * 60_000;

const answeredAlready = () =>
  because(
    'consent-answered',
    new HttpError(403, 'access_denied', 'This request was answered already.', {
      whatToDo: 'Go back to your MCP client; if it is not connected, connect again.',
    }),
  );

/**
 * The person approves: a pending connection in this organization comes to be.
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
): Promise<string | undefined> {
  const accountId = person.account.id;
  return answerOnce(oauth, request, async () => {
    const connection = await openConnection(oauth.stores, { kind: 'account', accountId, ip: ctx.state.ip }, person, {
      accountId,
      organizationId,
      clientId: request.client.id,
      clientName: request.client.name,
      ...(request.client.verifiedHost ? { verifiedHost: request.client.verifiedHost } : {}),
      ...(request.client.preRegistered ? { preRegistered: true as const } : {}),
      resource: request.resource.indicator,
      scope: request.scope,
      exchanges: noted(request.exchanges),
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
  reason: string,
): Promise<string> {
  const result = { error: 'access_denied', error_description: reason };
  return answerOnce(oauth, request, () => answer(provider, ctx, result));
}

/** Answers a request unless somebody did; when there is no answer in the end, the request can be answered again. */
async function answerOnce<T>(oauth: OauthContext, request: ConsentRequest, give: () => Promise<T>): Promise<T> {
  const first = await oauth.stores.volatile.add(answers, request.uid, true, Date.now() + ANSWER_KEPT_MS);
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
