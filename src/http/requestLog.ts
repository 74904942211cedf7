/** One line and one count a request: what, how it ended, how long it took. Never a query, body or cookie, and of the path its pattern. */
import type { Middleware } from 'koa';
import type { Logger } from 'pino';
import type { Tally } from '../metrics.js';
import type { HttpState } from './context.js';
import { routeOf } from './routeOf.js';

/**
 * Logs and counts each request when it is answered; one that failed with its cause, one that was refused with the reason.
 * @param basePath the issuer's path
 */
export function requestLog(log: Logger, tally: Tally, basePath: string): Middleware<HttpState> {
  return async (ctx, next) => {
    const startedAt = performance.now();
    await next();
    const { cause, requestId, ip } = ctx.state;
    const { method, status } = ctx;
    const ms = Math.round(performance.now() - startedAt);
    const path = routeOf(ctx, basePath);
    const refusal = ctx.state.refusal ?? 'other';
    const refused = cause === undefined && status < 500 && (ctx.state.refusal !== undefined || status >= 400);
    tally.countRequest(path, status);
    if (refused) tally.countRefusal(path, refusal);
    const line = { requestId, ip, method, path, status, ms, ...(refused ? { refusal } : {}) };
    if (cause !== undefined) log.error({ ...line, err: cause }, 'request failed');
    else if (path.startsWith('/health/') && status === 200) log.debug(line, 'request');
    else log.info(line, 'request');
  };
}
