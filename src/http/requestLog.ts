/** One line a request: what, how it ended, how long it took. Never a query, body or cookie, and of the path its pattern. */
import type { Middleware } from 'koa';
import type { Logger } from 'pino';
import type { HttpContext, HttpState } from './context.js';

/** Paths without anything in them that lets its reader do something; others are logged by the route they matched. */
const PLAIN = /^(\/[\w-]+)*\/(health\/(alive|ready)|token|register|revoke|jwks|authorize)$/;

/** The pattern of the route that a request matched: a path can hold what only its bearer may know. */
function routeOf(ctx: HttpContext): string {
  const { _matchedRoute: matched } = ctx as { _matchedRoute?: unknown };
  if (typeof matched === 'string') return matched;
  if (PLAIN.test(ctx.path)) return ctx.path.slice(0, 200);
  return /\/authorize\/[^/]+$/.test(ctx.path) ? '/authorize/:uid' : 'unmatched';
}

/** Logs each request when it is answered; one that failed with its cause. */
export function requestLog(log: Logger): Middleware<HttpState> {
  return async (ctx, next) => {
    const startedAt = performance.now();
    await next();
    const { cause, requestId, ip } = ctx.state;
    const ms = Math.round(performance.now() - startedAt);
    const line = { requestId, ip, method: ctx.method, path: routeOf(ctx), status: ctx.status, ms };
    if (cause === undefined) log.info(line, 'request');
    else log.error({ ...line, err: cause }, 'request failed');
  };
}
