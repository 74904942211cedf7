/** Signatures of this server: JSON Web Signatures in the compact form (RFC 7515 §7.1). */
import { createPrivateKey, type JsonWebKeyInput, type KeyObject, sign } from 'node:crypto';
import type { KeyRing } from '../keyRing.js';
import type { SigningAlg } from '../signingKeys.js';

/**
 * Signs claims with the newest key of an algorithm.
 * @param typ the media type of the token
 */
export type SignJws = (alg: SigningAlg, typ: string, claims: object) => string;

/**
 * Signs with what the ring holds at that moment. Here and not by the library that verifies, because its asynchronous way
 * through Web Crypto takes five times as long for ES256, and a resource server may exchange a token on every request.
 */
export function createJwsSigner(ring: KeyRing): SignJws {
  const imported = new Map<string, KeyObject>();
  return (alg, typ, claims) => {
    const jwk = ring.keys.find((key) => key.alg === alg);
    if (!jwk?.kid) throw new Error(`there is no signing key for ${alg}`);
    const key = imported.get(jwk.kid) ?? createPrivateKey({ key: jwk as JsonWebKeyInput['key'], format: 'jwk' });
    imported.set(jwk.kid, key);
    const parts = [{ alg, kid: jwk.kid, typ }, claims].map((part) =>
      Buffer.from(JSON.stringify(part)).toString('base64url'),
    );
    const signed = parts.join('.');
    // JWS wants both numbers of an ECDSA signature side by side (RFC 7518 §3.4); for RSA this means nothing.
    const signature = sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' });
    return `${signed}.${signature.toString('base64url')}`;
  };
}
