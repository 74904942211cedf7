/** An authorization request is a page that somebody opens: no image, script or frame of another page. */
import type { HttpContext } from './context.js';
import { HttpError } from './errors.js';

/**
 * Refuses what a browser asks for as a part of another page (Fetch Metadata, `Sec-Fetch-Dest`): nobody would see it, and
 * a foreign page with many of them would use up the limit of everybody at the address of whoever reads it.
 * @throws HttpError 403
 */
export function assertOpenedAsPage(ctx: HttpContext): void {
  // Whoever sends none is no browser, or an old one.
  if (['', 'document'].includes(ctx.get('Sec-Fetch-Dest'))) return;
  throw new HttpError(403, 'access_denied', 'Another page asked for this without showing it.', {
    whatToDo: 'Open the address itself in a browser.',
  });
}
