/** Where a form leads: every POST of a page ends in a redirect, so that reloading never posts again. */
import type { HttpContext } from './context.js';

/** Leads the browser on to `address` with a GET (RFC 9110 §15.4.4). */
export function seeOther(ctx: HttpContext, address: string): void {
  ctx.status = 303;
  ctx.redirect(address);
}
