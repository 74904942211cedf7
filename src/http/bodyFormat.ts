/** What may be posted to the endpoints that oidc-provider reads itself: the right format, and not too much of it. */
import type { Middleware } from 'koa';
import type { HttpState } from './context.js';
import { HttpError } from './errors.js';
import { readBody } from './form.js';

/** The library refuses what is larger, in bytes. */
const LIBRARY_READS = 56 * 1_024;

/**
 * @param formats path → content type that is posted there
 */
export function bodyFormat(formats: ReadonlyMap<string, string>): Middleware<HttpState> {
  return async (ctx, next) => {
    const format = ctx.method === 'POST' ? formats.get(ctx.path) : undefined;
    if (format === undefined) return next();
    if (!ctx.is(format)) throw new HttpError(415, 'invalid_request', `The body must be ${format}.`);
    const { length = Number.POSITIVE_INFINITY } = ctx.request;
    // Handed over where the library looks for bodies that were read before; once in its life it warns of that.
    if (length > LIBRARY_READS) Object.assign(ctx.req, { body: await readBody(ctx) });
    return next();
  };
}
