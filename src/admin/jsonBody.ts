/** JSON bodies of the Admin API: at most 64 KB of well-formed text. */
import type { HttpContext } from '../http/context.js';
import { postedBody, textOf } from '../http/form.js';
import { refused } from './problems.js';

/**
 * Reads a body.
 * @returns what the JSON says
 * @throws HttpError 415 for another content type or a compressed one, 413 for too much, 400 for what is no JSON
 */
export async function jsonBody(ctx: HttpContext): Promise<unknown> {
  if (!ctx.is('application/json')) throw refused('unsupported-media-type', 'Send the body as application/json.');
  const text = textOf(await postedBody(ctx));
  try {
    return JSON.parse(text, wellFormed);
  } catch {
    throw refused('invalid-request', 'The body is no JSON text; correct it and send it again.');
  }
}

const LONE_SURROGATE = /\p{Surrogate}/u;

/** Half a character (RFC 8259 §8.2) would not come back from every store as it was. */
function wellFormed(_key: string, value: unknown): unknown {
  if (typeof value === 'string' && LONE_SURROGATE.test(value)) throw new SyntaxError('half a surrogate pair');
  return value;
}
