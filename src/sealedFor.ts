/** What is kept so that nobody but the holder of a secret can read it: the key comes from that secret, of which the server stores only a hash. */
import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto';
import { random } from './ids.js';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** HKDF-Expand of one block: 256 bits of a secret are random, so nothing has to be extracted from it (RFC 5869 §2.3, §3.3). */
const keyOf = (secret: string, context: readonly string[]): Buffer =>
  createHmac('sha256', secret)
    .update(`${JSON.stringify(context)}\x01`)
    .digest();

/**
 * Seals a value (AES-256-GCM) under a key that only the secret yields.
 * @param secret of 256 random bits: a token, a session id
 * @param context what the value is and what it is bound to; the same must be given to open it
 * @returns nonce, tag and ciphertext in base64url
 */
export function sealFor(secret: string, context: readonly string[], value: object): string {
  const nonce = random(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', keyOf(secret, context), nonce);
  const sealed = Buffer.concat([cipher.update(JSON.stringify(value), 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url');
}

/**
 * Opens what `sealFor` made.
 * @throws when secret or context are others than at sealing
 */
export function openFor(secret: string, context: readonly string[], sealed: string): object {
  const bytes = Buffer.from(sealed, 'base64url');
  const decipher = createDecipheriv('aes-256-gcm', keyOf(secret, context), bytes.subarray(0, NONCE_BYTES));
  decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
  const clear = Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]);
  return JSON.parse(clear.toString('utf8')) as object;
}
