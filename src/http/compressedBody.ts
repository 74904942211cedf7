/** Compressed bodies are not read: no client of this server sends one, and a small one can become very large. */
import type { IncomingHttpHeaders } from 'node:http';
import { HttpError } from './errors.js';

/**
 * Looks whether a body is sent as it is (RFC 9110 §8.4).
 * @returns the refusal of one that is not (§15.5.16): 415, with what is accepted instead
 */
export function compressedBody({ 'content-encoding': coding }: IncomingHttpHeaders): HttpError | undefined {
  if (coding === undefined || /^(identity)?$/i.test(coding)) return undefined;
  return new HttpError(415, 'invalid_request', 'The body must not be compressed; send it without Content-Encoding.', {
    headers: { 'Accept-Encoding': 'identity' },
  });
}
