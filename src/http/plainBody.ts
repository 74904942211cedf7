/** Only plain bodies are read: no client of this server compresses one, and a small one can become very large. */
import type { IncomingHttpHeaders } from 'node:http';
import { HttpError } from './errors.js';

/**
 * Demands that a body is sent as it is (RFC 9110 §8.4, RFC 9112 §6.1), in chunks or not.
 * @throws HttpError 415 for a content coding, with what is accepted instead (RFC 9110 §15.5.16); 400 for a transfer coding
 */
export function assertPlainBody(headers: IncomingHttpHeaders): void {
  const { 'content-encoding': content = '', 'transfer-encoding': transfer = '' } = headers;
  if (!/^(identity)?$/i.test(content))
    throw new HttpError(415, 'invalid_request', 'The body must not be compressed; send it without Content-Encoding.', {
      headers: { 'Accept-Encoding': 'identity' },
    });
  if (!/^(chunked)?$/i.test(transfer))
    throw new HttpError(400, 'invalid_request', 'Transfer-Encoding must be chunked, or left out.');
}
