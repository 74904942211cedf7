/** JWT access tokens (RFC 9068): everything that a use of the token needs stands in it, so nothing is stored. */
import { createLocalJWKSet, errors, type JWTVerifyGetKey, jwtVerify } from 'jose';
import type { JWK } from 'oidc-provider';
import { z } from 'zod';
import { newSecret } from '../../ids.js';
import type { KeyRing } from '../keyRing.js';
import type { SigningAlg } from '../signingKeys.js';
import type { AccessToken } from './accessTokenRecord.js';
import { createJwsSigner } from './compactJws.js';

export interface TokenSigner {
  /** The keys of this moment; another array once they changed. */
  readonly keys: readonly JWK[];
  /** Signs an access token with the newest key of an algorithm. */
  sign(alg: SigningAlg, token: AccessToken): string;
  /** Signs the claims of an id_token. */
  signIdToken(claims: object): string;
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
  const jws = createJwsSigner(ring);
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
      return jws(alg, 'at+jwt', {
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
      });
    },

    // RS256, which every client has to understand (OpenID Connect Core §15.1).
    signIdToken: (claims) => jws('RS256', 'JWT', { iss: issuer, ...claims }),

    async read(value) {
      if (!isSpelledAsSigned(value)) return undefined;
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

/** Whether a text has the shape of a JWT, which no opaque token of ours has. */
export const looksSigned = (value: string): boolean => /^[\w-]+\.[\w-]+\.[\w-]*$/.test(value);

/** Base64url has several spellings of the same last byte, and a token must have one only: some know tokens by their text. */
function isSpelledAsSigned(value: string): boolean {
  const signature = value.slice(value.lastIndexOf('.') + 1);
  return Buffer.from(signature, 'base64url').toString('base64url') === signature;
}

const publicKeySet = (keys: readonly JWK[]) => createLocalJWKSet({ keys: keys.map(publicPart) });

const PRIVATE_MEMBERS = new Set(['d', 'p', 'q', 'dp', 'dq', 'qi']);

const publicPart = (jwk: JWK) => ({
  ...Object.fromEntries(Object.entries(jwk).filter(([name]) => !PRIVATE_MEMBERS.has(name))),
  kty: String(jwk.kty),
});
