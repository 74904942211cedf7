/** oidc-provider as part of the app: the paths it answers, and what its errors become. */
import type { EventEmitter } from 'node:events';
import type { Middleware } from 'koa';
import mount from 'koa-mount';
import { errors, type Provider } from 'oidc-provider';
import type { HttpState } from '../http/context.js';
import { storeUnavailable } from '../http/errors.js';
import { StoreUnavailableError } from '../stores/stores.js';
import { withoutIdleParameters } from './authorizationRequest.js';

/** Paths below the issuer's that the library answers; all others are ours or nobody's. */
const ANSWERED = /^\/(authorize(\/[\w-]+)?|token|register|revoke|jwks)$/;

/** What is posted where, below the issuer's path. */
export const POSTED_FORMATS: readonly (readonly [string, string])[] = [
  ['/token', 'application/x-www-form-urlencoded'],
  ['/revoke', 'application/x-www-form-urlencoded'],
  ['/register', 'application/json'],
];

const FAILURES = ['grant.error', 'revocation.error', 'registration_create.error', 'server_error'] as const;

/**
 * The library as a middleware.
 * @param basePath the issuer's path
 */
export function mountProvider(provider: Provider, basePath: string): Middleware<HttpState> {
  // The library's type declarations have an overload for each event, which does not take a list of them.
  const events: EventEmitter = provider;
  for (const event of FAILURES) events.on(event, correct);
  const library = mount(basePath || '/', provider) as Middleware<HttpState>;
  return async (ctx, next) => {
    if (!ctx.path.startsWith(`${basePath}/`) || !ANSWERED.test(ctx.path.slice(basePath.length))) return next();
    if (ctx.path === `${basePath}/authorize`) ctx.querystring = withoutIdleParameters(ctx.querystring);
    await library(ctx, async () => undefined);
    dropUnusedSession(ctx);
  };
}

/** Statuses that the library has one answer for and we have several. */
function correct(context: unknown, error: unknown): void {
  const ctx = context as Parameters<Middleware<HttpState>>[0];
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause instanceof Error && cause.message === 'request entity too large') {
    ctx.status = 413;
    ctx.body = { error: 'invalid_request', error_description: 'The body has too many bytes.' };
  } else if (error instanceof errors.UnsupportedTokenType) {
    // RFC 7009 §2.2: a token that is not ours is no error, whatever it looks like.
    ctx.status = 200;
    ctx.body = '';
  } else if (error instanceof StoreUnavailableError) {
    const answer = storeUnavailable();
    ctx.status = answer.status;
    ctx.set({ ...answer.options.headers });
    ctx.body = { error: answer.code, error_description: answer.message };
    ctx.state.cause = error;
  } else if (ctx.status >= 500) {
    ctx.state.cause = error;
  }
}

/** The library's own session is never kept (`models/nothingAdapter.ts`), so browsers need not carry its cookie. */
function dropUnusedSession(ctx: Parameters<Middleware<HttpState>>[0]): void {
  const cookies = [ctx.response.get('Set-Cookie') ?? []].flat();
  const used = cookies.filter((cookie) => !/^unused(\.sig)?=/.test(cookie));
  if (used.length === cookies.length) return;
  if (used.length > 0) ctx.set('Set-Cookie', used);
  else ctx.remove('Set-Cookie');
}
