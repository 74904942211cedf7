/** Identifiers and secrets: where every random value of this server comes from. */
import { hash, randomBytes } from 'node:crypto';

type Prefix = 'acc' | 'org' | 'con' | 'inv' | 'evt' | 'dcr' | 'key';

/**
 * A new identifier, e.g. `org_q1Yx…`: 128 random bits, safe in URLs.
 * @param prefix what it identifies
 */
export const newId = (prefix: Prefix): string => `${prefix}_${randomBytes(16).toString('base64url')}`;

/** A new secret (token, code, session id) of 256 random bits, 43 characters of base64url (RFC 6749 §10.10). */
export const newSecret = (): string => randomBytes(32).toString('base64url');

/** SHA-256 of a secret in base64url (43 characters): what is stored in place of the secret. */
export const secretHash = (secret: string): string => hash('sha256', secret, 'base64url');
