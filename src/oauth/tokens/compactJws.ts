/** Signatures of this server: JSON Web Signatures in the compact form (RFC 7515 §7.1). */
import { createPrivateKey, createPublicKey, type JsonWebKeyInput, type KeyObject, sign, verify } from 'node:crypto';
import type { JWK } from 'oidc-provider';
import type { KeyRing } from '../keyRing.js';
import type { SigningAlg } from '../signingKeys.js';

/**
 * Signs claims with the newest key of an algorithm.
 * @param typ the media type of the token
 */
export type SignJws = (alg: SigningAlg, typ: string, claims: object) => string;

/**
 * The claims of a text that one of our keys signed.
 * @param typ the media type that it must have
 * @returns what was signed, not parsed yet; undefined for every other text
 */
export type ReadJws = (typ: string, text: string) => unknown;

/*
 * Both with node:crypto, at once: Web Crypto takes five times as long to sign with ES256, and each of its calls waits for one of
 * the four threads of Node.js, which password hashes and commits can hold for a long time.
 */

/** The head of what a key signs. What we verify must have the very same, so that its sender decides nothing in it. */
const headOf = ({ alg, kid }: JWK, typ: string): string => encoded({ alg, kid, typ });

const encoded = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');

// JWS wants both numbers of an ECDSA signature side by side (RFC 7518 §3.4); for RSA this means nothing.
const ENCODING = { dsaEncoding: 'ieee-p1363' } as const;

const asInput = (jwk: JWK) => ({ key: jwk as JsonWebKeyInput['key'], format: 'jwk' }) as const;

/** Signs with what the ring holds at that moment. */
export function createJwsSigner(ring: KeyRing): SignJws {
  const imported = new Map<string, KeyObject>();
  return (alg, typ, claims) => {
    const jwk = ring.keys.find((key) => key.alg === alg);
    if (!jwk?.kid) throw new Error(`there is no signing key for ${alg}`);
    const key = imported.get(jwk.kid) ?? createPrivateKey(asInput(jwk));
    imported.set(jwk.kid, key);
    const signed = `${headOf(jwk, typ)}.${encoded(claims)}`;
    return `${signed}.${sign('sha256', Buffer.from(signed), { key, ...ENCODING }).toString('base64url')}`;
  };
}

/** Verifies with what the ring holds at that moment; a key that was retired verifies nothing. */
export function createJwsReader(ring: KeyRing): ReadJws {
  let known: { readonly keys: readonly JWK[]; readonly byHead: Map<string, KeyObject> } | undefined;
  const keyFor = (typ: string, head: string): KeyObject | undefined => {
    if (known?.keys !== ring.keys) known = { keys: ring.keys, byHead: new Map() };
    const jwk = ring.keys.find((key) => headOf(key, typ) === head);
    if (!jwk) return undefined;
    const key = known.byHead.get(head) ?? createPublicKey(asInput(jwk));
    known.byHead.set(head, key);
    return key;
  };
  return (typ, text) => {
    const [head = '', claims = '', signature = '', ...more] = text.split('.');
    const key = more.length === 0 ? keyFor(typ, head) : undefined;
    if (!key) return undefined;
    const bytes = Buffer.from(signature, 'base64url');
    // Base64url has several spellings of the same last byte, and a token must have one only: some know tokens by their text.
    if (bytes.toString('base64url') !== signature) return undefined;
    if (!verify('sha256', Buffer.from(`${head}.${claims}`), { key, ...ENCODING }, bytes)) return undefined;
    return JSON.parse(Buffer.from(claims, 'base64url').toString());
  };
}
