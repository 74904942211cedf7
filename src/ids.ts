/** Identifiers and secrets: where every random value of this server comes from. */
import { hash, randomBytes } from 'node:crypto';

type Prefix = 'acc' | 'org' | 'con' | 'inv' | 'evt' | 'dcr' | 'key' | 'rem';

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

/**
 * A new identifier that stands behind all that were made before, e.g. `con_0t3k2qhq1Yx…`: the time, then 128 random bits.
 * @param at milliseconds since 1970
 */
export const newIdInOrder = (prefix: Prefix, at: number): string =>
  `${prefix}_${timeDigits(at)}${random(16).toString('base64url')}`;

/** A new secret (token, code, session id) of 256 random bits, 43 characters of base64url (RFC 6749 §10.10). */
export const newSecret = (): string => random(32).toString('base64url');

/** SHA-256 of a secret in base64url (43 characters): what is stored in place of the secret. */
export const secretHash = (secret: string): string => hash('sha256', secret, 'base64url');

/**
 * The first revision of a record, of 48 random bits; each replacement adds one. Counted from 1, a record that was removed and
 * made again under its id would have a revision that it had before, and a change that rests on what it was then would be made.
 */
export const firstRevision = (): number => random(6).readUIntBE(0, 6);

const TIME_DIGITS = 9;
const TIMED = new RegExp(`^[0-9a-z]{${TIME_DIGITS}}[\\w-]{43}$`);

/**
 * A time in base 36: nine digits, enough until the year 5188, in the order of time.
 * @param at milliseconds since 1970
 */
export const timeDigits = (at: number): string => at.toString(36).padStart(TIME_DIGITS, '0');

/**
 * A new token: a secret behind a time. Stores keep their records in the order of their keys, and tokens are made and
 * used up in the order of time: side by side they share pages, which would each have to be written otherwise.
 * @param at milliseconds since 1970
 */
export const newToken = (at: number): string => timeDigits(at) + newSecret();

/** What is stored in place of a token: its time, and the SHA-256 of all of it (52 characters); without a time, as of any secret. */
export const tokenHash = (token: string): string =>
  (TIMED.test(token) ? token.slice(0, TIME_DIGITS) : '') + secretHash(token);
