/** Secrets of confidential clients: known to this server only as SHA-256 hashes. */
import { timingSafeEqual } from 'node:crypto';
import { secretHash } from '../ids.js';

const HASHED = 'sha256:';

/** Client metadata with its secret replaced by the hash; already hashed or secretless metadata stays as it is. */
export function withHashedSecret<T extends Record<string, unknown>>(metadata: T): T {
  const secret = metadata.client_secret;
  if (typeof secret !== 'string' || secret.startsWith(HASHED)) return metadata;
  return { ...metadata, client_secret: HASHED + secretHash(secret) };
}

/**
 * The secrets that one which arrived by HTTP Basic may stand for: many clients do not form-encode it (RFC 6749 §2.3.1),
 * and then a plus in it arrives as a space.
 */
export const secretsMeant = (presented: string): readonly string[] =>
  presented.includes(' ') ? [presented, presented.replaceAll(' ', '+')] : [presented];

/**
 * Compares in constant time what a client presents with the hash that is known of its secret.
 * @param known the `client_secret` of the client's metadata
 */
export function secretMatches(presented: string, known: string | undefined): boolean {
  const expected = Buffer.from(known ?? '');
  const matches = secretsMeant(presented).map((secret) => {
    const actual = Buffer.from(HASHED + secretHash(secret));
    return expected.length === actual.length && timingSafeEqual(expected, actual);
  });
  return matches.includes(true);
}
