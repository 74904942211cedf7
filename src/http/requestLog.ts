/** One line and one count a request: what, how it ended, how long it took. Never a query, body or cookie, and of the path its pattern. */
import type { Middleware } from 'koa';
import type { Logger } from 'pino';
import type { Tally } from '../metrics.js';
import type { HttpState } from './context.js';
import type { Refusal } from './refusal.js';
import { routeOf } from './routeOf.js';

/** A request that was answered. */
export interface Answered {
  readonly requestId: string;
  readonly ip: string;
  readonly method: string;
  /** Its pattern. */
  readonly path: string;
  readonly status: number;
  /** By `performance.now()`. */
  readonly startedAt: number;
  /** Why it was refused, where that is known. */
  readonly refusal?: Refusal | undefined;
  /** More about a refusal, for the operator. */
  readonly detail?: string | undefined;
  /** Why it failed, if it did. */
  readonly cause?: unknown;
}

/** Logs and counts a request; one that failed with its cause, one that was refused with the reason. */
export function noteAnswered(log: Logger, tally: Tally, { startedAt, refusal, cause, ...line }: Answered): void {
  const { path, status } = line;
  tally.countRequest(path, status);
  const refused = cause === undefined && status < 500 && (refusal !== undefined || status >= 400);
  if (refused) tally.countRefusal(path, refusal ?? 'other');
  const noted = {
    ...line,
    ms: Math.round(performance.now() - startedAt),
    ...(refused && { refusal: refusal ?? 'other' }),
  };
  if (cause !== undefined) log.error({ ...noted, err: cause }, 'request failed');
  else if (path.startsWith('/health/') && status === 200) log.debug(noted, 'request');
  else log.info(noted, 'request');
}

/**
 * Notes each request when it is answered.
 * @param basePath the issuer's path
 */
export function requestLog(log: Logger, tally: Tally, basePath: string): Middleware<HttpState> {
  return async (ctx, next) => {
    const startedAt = performance.now();
    await next();
    const { cause, refusal, detail, requestId, ip } = ctx.state;
    const { method, status } = ctx;
    noteAnswered(log, tally, {
      requestId,
      ip,
      method,
      path: routeOf(ctx, basePath),
      status,
      startedAt,
      refusal,
      detail,
      cause,
    });
  };
}
