/** The Content-Security-Policy of every answer: nothing inline, nothing from elsewhere, never in a frame. */
import type { HttpContext } from './context.js';

const policy = (formAction: string): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    `form-action ${formAction}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join('; ');

/** The policy of an ordinary page. */
export const CONTENT_SECURITY_POLICY = policy("'self'");

/**
 * Lets the forms of this page end at a client: Chromium applies `form-action` to the redirects after a post as well, Firefox
 * only to the post.
 * @param source an origin, or a scheme such as `cursor:`
 */
export function allowFormAction(ctx: HttpContext, source: string): void {
  ctx.set('Content-Security-Policy', policy(`'self' ${source}`));
}
