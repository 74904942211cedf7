/**
 * The response to a refresh token's first use, kept for the replay window so that nobody but the holder of that very
 * token can read it: the key is derived from the token, of which the server stores only a hash.
 */
import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto';
import { random } from '../../ids.js';
import type { Connection } from '../../stores/records/connection.js';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** What the sealed part is bound to: moved to another connection, client or resource it does not open. */
type Binding = Pick<Connection, 'id' | 'clientId' | 'resource'>;

/** HKDF-Expand of one block: 256 bits of a token are random, so nothing has to be extracted from it (RFC 5869 §2.3, §3.3). */
function keyOf(token: string, binding: Binding): Buffer {
  const info = JSON.stringify(['refresh-replay', binding.id, binding.clientId, binding.resource]);
  return createHmac('sha256', token).update(`${info}\x01`).digest();
}

/**
 * Seals a response (AES-256-GCM) under a key that only the presented token yields.
 * @returns nonce, tag and ciphertext in base64url
 */
export function sealResponse(token: string, binding: Binding, response: object): string {
  const nonce = random(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', keyOf(token, binding), nonce);
  const sealed = Buffer.concat([cipher.update(JSON.stringify(response), 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url');
}

/**
 * Opens what `sealResponse` made.
 * @throws when token or binding are others than at sealing
 */
export function openResponse(token: string, binding: Binding, sealed: string): object {
  const bytes = Buffer.from(sealed, 'base64url');
  const decipher = createDecipheriv('aes-256-gcm', keyOf(token, binding), bytes.subarray(0, NONCE_BYTES));
  decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
  const clear = Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]);
  return JSON.parse(clear.toString('utf8')) as object;
}
