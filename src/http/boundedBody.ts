/** The body of a request that Node.js hands over directly: whole, or refused when it is compressed or too large. */
import type { IncomingMessage } from 'node:http';
import { bodyTooLarge, MAX_BODY } from './errors.js';
import { assertPlainBody } from './plainBody.js';

/**
 * Reads a body of at most `MAX_BODY` bytes.
 * @param whole gets it
 * @param refuse is called once, instead, with an HttpError; what is left of a body that is too large is not read
 */
export function readBody(req: IncomingMessage, whole: (body: Buffer) => void, refuse: (error: unknown) => void): void {
  if (Number(req.headers['content-length'] ?? 0) > MAX_BODY) {
    req.pause();
    refuse(bodyTooLarge());
    return;
  }
  try {
    assertPlainBody(req.headers);
  } catch (refusal) {
    refuse(refusal);
    return;
  }
  // Put together once: chunks can be of a byte each, and to copy what is there for every one of them takes seconds.
  const chunks: Buffer[] = [];
  let length = 0;
  const take = (chunk: Buffer): void => {
    chunks.push(chunk);
    length += chunk.length;
    if (length <= MAX_BODY) return;
    req.off('data', take).off('end', end).pause();
    refuse(bodyTooLarge());
  };
  const end = (): void => {
    const [only] = chunks;
    whole(only && chunks.length === 1 ? only : Buffer.concat(chunks));
  };
  req.on('data', take).on('end', end);
}
