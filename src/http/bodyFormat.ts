/** What may be posted to the endpoints that oidc-provider reads itself: the right format, and not too much of it. */
import type { Middleware } from 'koa';
import type { HttpState } from './context.js';
import { HttpError } from './errors.js';
import { MAX_BODY } from './form.js';

/**
 * @param formats path → content type that is posted there
 */
export function bodyFormat(formats: ReadonlyMap<string, string>): Middleware<HttpState> {
  return (ctx, next) => {
    const format = ctx.method === 'POST' ? formats.get(ctx.path) : undefined;
    if (format === undefined) return next();
    if (!ctx.is(format)) throw new HttpError(415, 'invalid_request', `The body must be ${format}.`);
    if ((ctx.request.length ?? 0) > MAX_BODY)
      throw new HttpError(413, 'invalid_request', `The body must have at most ${MAX_BODY} bytes.`);
    return next();
  };
}
