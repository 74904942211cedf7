/** One line a request: what, how it ended, how long it took. Never a query, body, cookie or secret part of a path. */
import type { Middleware } from 'koa';
import type { Logger } from 'pino';
import type { HttpState } from './context.js';

/** Path segments that let their holder do something stand in no log. */
const withoutSecrets = (path: string): string =>
  path.replace(/\/(interaction|authorize|invitations|password\/reset|sessions)\/[^/]+/, '/$1/:id');

export function requestLog(log: Logger): Middleware<HttpState> {
  return async (ctx, next) => {
    const startedAt = performance.now();
    await next();
    const { cause, requestId, ip } = ctx.state;
    const line = {
      requestId,
      ip,
      method: ctx.method,
      path: withoutSecrets(ctx.path).slice(0, 200),
      status: ctx.status,
      ms: Math.round(performance.now() - startedAt),
    };
    if (cause === undefined) log.info(line, 'request');
    else log.error({ ...line, err: cause }, 'request failed');
  };
}
