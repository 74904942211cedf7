/** JWT access tokens (RFC 9068): everything that a use of the token needs stands in it, so nothing is stored. */
import { createPrivateKey, type JsonWebKeyInput, type KeyObject, sign } from 'node:crypto';
import { createLocalJWKSet, errors, type JWTVerifyGetKey, jwtVerify } from 'jose';
import type { JWK } from 'oidc-provider';
import { z } from 'zod';
import { newSecret } from '../../ids.js';
import type { KeyRing } from '../keyRing.js';
import type { SigningAlg } from '../signingKeys.js';
import type { AccessToken } from './accessTokenRecord.js';

export interface TokenSigner {
  /** The keys of this moment; another array once they changed. */
  readonly keys: readonly JWK[];
  /** Signs an access token with the newest key of an algorithm. */
  sign(alg: SigningAlg, token: AccessToken): string;
  /** What a token says that one of our keys signed and whose time is not over; undefined for every other text. */
  read(value: string): Promise<AccessToken | undefined>;
}

const Claims = z.object({
  connection_id: z.string(),
  sub: z.string(),
  org_id: z.string(),
  client_id: z.string(),
  aud: z.string(),
  scope: z.string(),
  iat: z.int(),
  exp: z.int(),
  act: z.object({ sub: z.string() }).optional(),
});

/** Signs with, and verifies against, the keys that the ring holds at that moment. */
export function createTokenSigner(issuer: string, ring: KeyRing): TokenSigner {
  const imported = new Map<string, KeyObject>();
  let verifying = { keys: ring.keys, find: publicKeySet(ring.keys) };
  const publicKeys: JWTVerifyGetKey = (...token) => {
    if (verifying.keys !== ring.keys) verifying = { keys: ring.keys, find: publicKeySet(ring.keys) };
    return verifying.find(...token);
  };

  return {
    get keys() {
      return ring.keys;
    },

    sign(alg, token) {
      const jwk = ring.keys.find((key) => key.alg === alg);
      if (!jwk?.kid) throw new Error(`there is no signing key for ${alg}`);
      const key = imported.get(jwk.kid) ?? createPrivateKey({ key: jwk as JsonWebKeyInput['key'], format: 'jwk' });
      imported.set(jwk.kid, key);
      const claims = {
        iss: issuer,
        sub: token.accountId,
        aud: token.audience,
        iat: token.issuedAt,
        exp: token.expiresAt,
        jti: newSecret(),
        client_id: token.clientId,
        scope: token.scope,
        connection_id: token.connectionId,
        org_id: token.organizationId,
        ...(token.actor === undefined ? {} : { act: { sub: token.actor } }),
      };
      return compactJws({ alg, kid: jwk.kid, typ: 'at+jwt' }, claims, key);
    },

    async read(value) {
      try {
        const { payload } = await jwtVerify(value, publicKeys, { issuer, typ: 'at+jwt', currentDate: new Date() });
        const claims = Claims.parse(payload);
        return {
          connectionId: claims.connection_id,
          accountId: claims.sub,
          organizationId: claims.org_id,
          clientId: claims.client_id,
          audience: claims.aud,
          scope: claims.scope,
          issuedAt: claims.iat,
          expiresAt: claims.exp,
          ...(claims.act ? { actor: claims.act.sub } : {}),
        };
      } catch (error) {
        if (error instanceof errors.JOSEError || error instanceof z.ZodError) return undefined;
        throw error;
      }
    },
  };
}

/**
 * Signs in the compact form (RFC 7515 §7.1). Here and not by the library that verifies, because its asynchronous way
 * through Web Crypto takes five times as long for ES256, and a resource server may exchange a token on every request.
 */
function compactJws(header: object, claims: object, key: KeyObject): string {
  const encoded = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  // JWS wants both numbers of an ECDSA signature side by side (RFC 7518 §3.4); for RSA this means nothing.
  const signature = sign('sha256', Buffer.from(encoded), { key, dsaEncoding: 'ieee-p1363' });
  return `${encoded}.${signature.toString('base64url')}`;
}

/** Whether a text has the shape of a JWT, which no opaque token of ours has. */
export const looksSigned = (value: string): boolean => /^[\w-]+\.[\w-]+\.[\w-]*$/.test(value);

const publicKeySet = (keys: readonly JWK[]) => createLocalJWKSet({ keys: keys.map(publicPart) });

const PRIVATE_MEMBERS = new Set(['d', 'p', 'q', 'dp', 'dq', 'qi']);

const publicPart = (jwk: JWK) => ({
  ...Object.fromEntries(Object.entries(jwk).filter(([name]) => !PRIVATE_MEMBERS.has(name))),
  kty: String(jwk.kty),
});
