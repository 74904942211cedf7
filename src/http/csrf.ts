/** Forms come from our own pages: a token bound to the session (or, before sign-in, to the browser) and Sec-Fetch-Site. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { HttpContext } from './context.js';
import { HttpError } from './errors.js';
import { because } from './refusal.js';

const tokenFor = (key: string, binding: string): string =>
  createHmac('sha256', key).update(`csrf\0${binding}`).digest('base64url');

/**
 * The token that a page's forms carry.
 * @param keys cookie keys, newest first
 * @param binding the session id, or the browser's id before sign-in
 */
export function csrfToken(keys: readonly string[], binding: string): string {
  return tokenFor(keys[0] ?? '', binding);
}

/**
 * Refuses a post that does not come from a page of this server shown to this very session. `Origin` is never compared:
 * with `Referrer-Policy: no-referrer` posts from our own pages carry `Origin: null`.
 * @param presented the form's `csrf_token`
 * @throws HttpError 403
 */
export function assertOwnForm(ctx: HttpContext, keys: readonly string[], binding: string, presented: string | null) {
  const site = ctx.get('Sec-Fetch-Site');
  const actual = Buffer.from(presented ?? '');
  const matches = keys.some((key) => {
    const expected = Buffer.from(tokenFor(key, binding));
    return expected.length === actual.length && timingSafeEqual(expected, actual);
  });
  if (!matches || !['', 'same-origin', 'none'].includes(site))
    throw because(
      'foreign-form',
      new HttpError(403, 'access_denied', 'This form was opened in another session, or is too old.', {
        whatToDo: 'Go back, reload the page and try again.',
      }),
    );
}
