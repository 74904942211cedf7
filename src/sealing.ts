/** Secrets at rest that must be read back: AES-256-GCM under ENCRYPTION_KEY. */

import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { StartError } from './startError.js';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Encrypts with the newest key.
 * @param keys 32-byte keys, newest first
 * @param context what the secret is; the same must be given to open it, so that sealed values cannot be swapped
 * @returns nonce, tag and ciphertext in base64url
 */
export function seal(keys: readonly Buffer[], context: string, clear: string): string {
  const [newest] = keys;
  if (!newest) throw new Error('no encryption key');
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', newest, nonce).setAAD(Buffer.from(context));
  const sealed = Buffer.concat([cipher.update(clear, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url');
}

/**
 * Opens what `seal` made, with whichever of the keys fits.
 * @throws when none fits: the store belongs to another ENCRYPTION_KEY
 */
export function unseal(keys: readonly Buffer[], context: string, sealed: string): string {
  const bytes = Buffer.from(sealed, 'base64url');
  for (const key of keys) {
    try {
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES))
        .setAAD(Buffer.from(context))
        .setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
      return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]).toString();
    } catch {}
  }
  throw new StartError(
    `No key in ENCRYPTION_KEY opens the stored ${context}; add the key that was in use when it was stored.`,
  );
}
