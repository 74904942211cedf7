/**
 * The way of an answer to the client: once for each request, and an error that the person knows nothing of only to where
 * nobody can set a trap (RFC 9700 §4.11.2).
 */
import type { KoaContextWithOIDC } from 'oidc-provider';
import { z } from 'zod';
import { findSession } from '../accounts/sessions.js';
import type { HttpContext } from '../http/context.js';
import { secretHash } from '../ids.js';
import { openFor, sealFor } from '../sealedFor.js';
import { StoreUnavailableError } from '../stores/stores.js';
import { volatileKind } from '../stores/volatile.js';
import { INTERACTION } from './adapter.js';
import { forgetAuthorizationCode, isCodeUnused } from './authorizationCode.js';
import { requestIsOver } from './consentRequest.js';
import type { OauthContext } from './context.js';
import { CODE_TTL, INTERACTION_TTL, type RenderOauthError } from './providerConfiguration.js';
import { isLoopback, redirectDestination } from './redirectUri.js';

/** Parameters of an answer in the redirect's query (RFC 6749 §4.1.2). */
export interface AnswerParameters {
  readonly code?: string;
  readonly error?: string;
  readonly error_description?: string;
  readonly state?: string;
  /** RFC 9207. */
  readonly iss?: string;
}

/** Sees to an answer to a client; `redirect` sends the browser to it. */
export type AnswerClient = (
  ctx: KoaContextWithOIDC,
  redirectUri: string,
  parameters: AnswerParameters,
  redirect: () => unknown,
) => Promise<void>;

/** An error on a page of this server, from which a person may go on to the client. */
export interface OfferedError {
  readonly code: string;
  readonly description: string;
  /** The host that the way leads to, or a scheme such as `cursor:`. */
  readonly target: string;
  /** The redirect URI with the error. */
  readonly href: string;
}

/** The way of a person who answered. */
const WayOn = z.object({
  /** The client's name, or its id. */
  client: z.string(),
  /** The redirect URI with the code or the error. */
  href: z.string(),
});
export type WayOn = z.infer<typeof WayOn>;

/** Pages of the authorization endpoint. */
export interface AuthorizationPages {
  /** Shows an error that must not be sent to the client. */
  readonly showError: RenderOauthError;
  /** Shows an error together with the way to the client. */
  readonly offerTheWay: (ctx: HttpContext, error: OfferedError) => void;
  /** Ends the form of a person who answered on a page that leads on to the client. */
  readonly leadOn: (ctx: HttpContext, way: WayOn) => void;
  /** Tells a person that they have answered already. */
  readonly showAnswered: (ctx: HttpContext) => void;
  /** The id of the sign-in session that this browser names, which is a secret of the browser. */
  readonly sessionId: (ctx: HttpContext) => string | undefined;
}

/** A request whose answer went to the client: the first one that was ready, which the same session can get again for a while. */
const Resumed = z.strictObject({
  /** The hash of the sign-in session's id. */
  session: z.string().optional(),
  /** The way on, which that id alone opens. */
  sealed: z.string().optional(),
  /** Until when it leads there (milliseconds, UTC). */
  until: z.int(),
});
const resumed = volatileKind('authorization-resumed', Resumed);
const contextOf = (uid: string): string[] => ['authorization-answer', uid];
const interactions = volatileKind(INTERACTION, z.unknown());

/** Sends each answer to its client, or keeps the browser here. */
export function answerClients(oauth: OauthContext, pages: AuthorizationPages): AnswerClient {
  return async (ctx, redirectUri, parameters, redirect) => {
    const waiting = ctx.oidc.entities.Interaction;
    // A person was asked and answered; whether that was this browser's is what the library has checked before.
    if (waiting?.result) {
      const client = ctx.oidc.client?.clientName ?? ctx.oidc.client?.clientId ?? redirectDestination(redirectUri).host;
      const way = { client, href: takenBack(ctx, redirect) };
      const here = ctx as unknown as HttpContext;
      if (await claim(oauth, waiting.uid, parameters.code, way, pages.sessionId(here))) return pages.leadOn(here, way);
      if (await answerAgain(oauth, pages, here, waiting.uid)) return;
      throw requestIsOver('GET');
    }
    if (isSafeUnseen(oauth, ctx.oidc.client?.clientId, redirectUri)) {
      redirect();
      return;
    }
    const href = takenBack(ctx, redirect);
    pages.offerTheWay(ctx as unknown as HttpContext, {
      code: parameters.error ?? 'server_error',
      description: parameters.error_description ?? 'the request cannot be handled',
      target: redirectDestination(redirectUri).host,
      href,
    });
  };
}

/** Where the redirect would lead, without it. */
function takenBack(ctx: KoaContextWithOIDC, redirect: () => unknown): string {
  redirect();
  const href = ctx.response.get('Location');
  ctx.remove('Location');
  return href;
}

/**
 * Makes this answer the only one of its request. It comes last, when the code is stored: whatever fails before leaves the
 * request as it was, and the same step can be taken again.
 * @returns false when another answer was faster
 */
async function claim(
  { stores }: OauthContext,
  uid: string,
  code: string | undefined,
  way: WayOn,
  sessionId: string | undefined,
): Promise<boolean> {
  const { volatile } = stores;
  const now = Date.now();
  const bound = sessionId && { session: secretHash(sessionId), sealed: sealFor(sessionId, contextOf(uid), way) };
  const value = { ...bound, until: now + CODE_TTL * 1_000 };
  const first = await volatile.add(resumed, uid, value, now + INTERACTION_TTL * 1_000);
  if (!first && code !== undefined) await tidy(forgetAuthorizationCode(volatile, code));
  if (first) await tidy(volatile.remove(interactions, uid));
  return first;
}

/**
 * Answers a request that has its answer: the session that gave it is led on to the same place, as long as the client has
 * made no use of it, and is told afterwards that it has answered.
 * @returns false when there is no answer, or it is of another session
 */
export async function answerAgain(
  { stores }: OauthContext,
  pages: AuthorizationPages,
  ctx: HttpContext,
  uid: string,
): Promise<boolean> {
  const sessionId = pages.sessionId(ctx);
  const before = sessionId === undefined ? undefined : await stores.volatile.get(resumed, uid);
  if (sessionId === undefined || before?.sealed === undefined || before.session !== secretHash(sessionId)) return false;
  // A cookie of a session that has ended opens nothing.
  if (!(await findSession(stores, sessionId))) return false;
  const way = WayOn.parse(openFor(sessionId, contextOf(uid), before.sealed));
  const code = new URL(way.href).searchParams.get('code');
  const useful = Date.now() < before.until && (code === null || (await isCodeUnused(stores, code)));
  if (useful) pages.leadOn(ctx, way);
  else pages.showAnswered(ctx);
  return true;
}

/** What is left when the store does not answer expires by itself, and nobody knows its key. */
const tidy = (removal: Promise<void>): Promise<void> =>
  removal.catch((error: unknown) => {
    if (!(error instanceof StoreUnavailableError)) throw error;
  });

/**
 * Whether a browser may be sent to a client with an error of which the person has seen nothing: on their own device, where
 * the operator registered it, or at the host that vouches for the client.
 */
export function isSafeUnseen(
  { config, documents }: Pick<OauthContext, 'config' | 'documents'>,
  clientId: string | undefined,
  redirectUri: string,
): boolean {
  const url = new URL(redirectUri);
  if (isLoopback(url)) return true;
  if (clientId === undefined) return false;
  if (config.file.clients.some((client) => client.client_id === clientId)) return true;
  return documents.handles(clientId) && url.origin === new URL(clientId).origin;
}
