/** What may be posted to an endpoint that oidc-provider reads itself: the right format, and not too much of it. */
import type { Middleware } from 'koa';
import type { HttpState } from './context.js';
import { HttpError } from './errors.js';
import { postedBody } from './form.js';
import { assertPlainBody } from './plainBody.js';

/** The library refuses what is larger, in bytes. */
const LIBRARY_READS = 56 * 1_024;

/**
 * @param path of the endpoint
 * @param format the content type that is posted there
 */
export function bodyFormat(path: string, format: string): Middleware<HttpState> {
  return async (ctx, next) => {
    if (ctx.method !== 'POST' || ctx.path !== path) return next();
    if (!ctx.is(format)) throw new HttpError(415, 'invalid_request', `The body must be ${format}.`);
    assertPlainBody(ctx.req.headers);
    const { length = Number.POSITIVE_INFINITY } = ctx.request;
    // Handed over where the library looks for bodies that were read before; once in its life it warns of that.
    if (length > LIBRARY_READS) Object.assign(ctx.req, { body: await postedBody(ctx) });
    return next();
  };
}
