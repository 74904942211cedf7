/** oidc-provider as part of the app: the paths it answers, and what its errors become. */
import type { EventEmitter } from 'node:events';
import type { Middleware } from 'koa';
import mount from 'koa-mount';
import type { KoaContextWithOIDC, Provider } from 'oidc-provider';
import type { HttpContext, HttpState } from '../http/context.js';
import { storeUnavailable } from '../http/errors.js';
import { refusalOf } from '../http/refusal.js';
import { seeOther } from '../http/seeOther.js';
import { StoreUnavailableError } from '../stores/stores.js';
import { type AuthorizationPages, answerAgain } from './authorizationAnswer.js';
import { assertOneDestination, withoutIdleParameters } from './authorizationRequest.js';
import type { OauthContext } from './context.js';
import { putInQuery } from './postedRequest.js';

/** Paths below the issuer's that the library answers; all others are ours or nobody's. */
const ANSWERED = /^\/(authorize(\/[\w-]+)?|register|jwks)$/;

const FAILURES = ['registration_create.error', 'server_error'] as const;
/** What the library refuses and tells the client itself, mostly in a redirect. */
const REFUSALS = ['authorization.error'] as const;

/**
 * The library as a middleware.
 * @param current the provider of this moment: another one after signing keys were rotated
 * @param pages for a request that is resumed again
 */
export function mountProvider(
  oauth: OauthContext,
  current: () => Provider,
  pages: AuthorizationPages,
): Middleware<HttpState> {
  const { basePath } = oauth.config;
  const thrown = new WeakMap<object, unknown>();
  const mounted = new WeakMap<Provider, Middleware<HttpState>>();
  const library = (provider: Provider): Middleware<HttpState> => {
    const already = mounted.get(provider);
    if (already) return already;
    // The library's type declarations have an overload for each event, which does not take a list of them.
    const events: EventEmitter = provider;
    for (const event of FAILURES) events.on(event, (ctx: object, error: unknown) => thrown.set(ctx, error));
    for (const event of [...FAILURES, ...REFUSALS])
      events.on(event, ({ state }: HttpContext, error: unknown) => {
        const reason = refusalOf(error);
        // Here it is the person who denies: in a redirect to the client, after the consent page.
        state.refusal = reason === 'access_denied' ? 'consent-denied' : reason;
      });
    provider.on('registration_create.success', (ctx) => nameAskedScope(oauth, ctx));
    const middleware = mount(basePath || '/', provider) as Middleware<HttpState>;
    mounted.set(provider, middleware);
    return middleware;
  };
  return async (ctx, next) => {
    if (!ctx.path.startsWith(`${basePath}/`) || !ANSWERED.test(ctx.path.slice(basePath.length))) return next();
    // A HEAD would answer the waiting authorization request, and its answer be thrown away.
    if (ctx.method === 'HEAD' && ctx.path !== `${basePath}/jwks`) return next();
    if (ctx.path === `${basePath}/authorize`) {
      if (ctx.method === 'POST') await putInQuery(ctx);
      assertOneDestination(ctx.querystring);
      ctx.querystring = withoutIdleParameters(ctx.querystring);
    }
    // The step after consent has no parameters; the library would take an error's destination from them, unchecked.
    if (ctx.path.startsWith(`${basePath}/authorize/`)) ctx.querystring = '';
    const resumes = ctx.path.startsWith(`${basePath}/authorize/`)
      ? ctx.path.slice(`${basePath}/authorize/`.length)
      : undefined;
    if (resumes !== undefined && (await answerAgain(oauth, pages, ctx, resumes))) return;
    const unanswered = resumes === undefined ? undefined : await unansweredUid(current(), ctx);
    if (unanswered !== undefined) return seeOther(ctx, `${basePath}/interaction/${unanswered}`);
    await library(current())(ctx, async () => undefined).catch((error: unknown) => {
      if (error instanceof StoreUnavailableError) ctx.remove('Set-Cookie');
      throw error;
    });
    // Another step was faster, and took the request away in the middle of this one.
    if (resumes !== undefined && ctx.status === 400 && (await answerAgain(oauth, pages, ctx, resumes))) {
      ctx.state.refusal = undefined;
      return;
    }
    if (thrown.has(ctx)) correct(ctx, thrown.get(ctx));
    dropUnusedSession(ctx);
  };
}

/**
 * The request of this browser that is resumed before anybody has answered it: the library would begin another one in its
 * place, and so on at each try.
 */
async function unansweredUid(provider: Provider, ctx: HttpContext): Promise<string | undefined> {
  const uid = ctx.cookies.get(provider.cookieName('resume'), { signed: true });
  const interaction = uid === undefined ? undefined : await provider.Interaction.find(uid);
  return interaction && !interaction.result ? uid : undefined;
}

/**
 * Names in the answer to a registration which of the scopes it asked for there are: some clients know themselves by that
 * answer alone. It binds nothing, and is not stored: each authorization may ask for others (RFC 7591 §2).
 */
function nameAskedScope({ resources }: OauthContext, ctx: KoaContextWithOIDC): void {
  const asked = ctx.oidc.body?.scope;
  if (typeof asked !== 'string') return;
  const known = new Set(asked.split(' ').filter((scope) => resources.scopes.includes(scope)));
  if (known.size > 0) Object.assign(ctx.body as object, { scope: [...known].join(' ') });
}

/** Failures that the library answers in one way and this server in another. */
function correct(ctx: HttpContext, error: unknown): void {
  // A cookie that the library took back is needed to try again.
  if (error instanceof StoreUnavailableError) ctx.remove('Set-Cookie');
  if (error instanceof StoreUnavailableError && !ctx.response.is('html')) {
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
function dropUnusedSession(ctx: HttpContext): void {
  const cookies = [ctx.response.get('Set-Cookie') ?? []].flat();
  const used = cookies.filter((cookie) => !/^unused(\.sig)?=/.test(cookie));
  if (used.length === cookies.length) return;
  if (used.length > 0) ctx.set('Set-Cookie', used);
  else ctx.remove('Set-Cookie');
}
