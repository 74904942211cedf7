/** Identifiers and secrets: where every random value of this server comes from. */
import { hash, randomBytes } from 'node:crypto';

type Prefix = 'acc' | 'org' | 'con' | 'inv' | 'evt' | 'dcr' | 'key';

/** Random bytes are fetched for many values at once: each call to the system costs as much as all the rest of a value. */
const POOL_BYTES = 4_096;
let pool = Buffer.alloc(0);

/** @param count of bytes; given out once and never again */
export function random(count: number): Buffer {
  if (pool.length < count) pool = randomBytes(Math.max(POOL_BYTES, count));
  const bytes = Buffer.from(pool.subarray(0, count));
  pool.fill(0, 0, count);
  pool = pool.subarray(count);
  return bytes;
}

/**
 * A new identifier, e.g. `org_q1Yx…`: 128 random bits, safe in URLs.
 * @param prefix what it identifies
 */
export const newId = (prefix: Prefix): string => `${prefix}_${random(16).toString('base64url')}`;

/** A new secret (token, code, session id) of 256 random bits, 43 characters of base64url (RFC 6749 §10.10). */
export const newSecret = (): string => random(32).toString('base64url');

/** SHA-256 of a secret in base64url (43 characters): what is stored in place of the secret. */
export const secretHash = (secret: string): string => hash('sha256', secret, 'base64url');
