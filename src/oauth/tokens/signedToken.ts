/** JWT access tokens (RFC 9068): everything that a use of the token needs stands in it, so nothing is stored. */
import type { JWK } from 'oidc-provider';
import { z } from 'zod';
import { newSecret } from '../../ids.js';
import type { KeyRing } from '../keyRing.js';
import type { SigningAlg } from '../signingKeys.js';
import type { AccessToken } from './accessTokenRecord.js';
import { createJwsReader, createJwsSigner } from './compactJws.js';

export interface TokenSigner {
  /** The keys of this moment; another array once they changed. */
  readonly keys: readonly JWK[];
  /** Signs an access token with the newest key of an algorithm. */
  sign(alg: SigningAlg, token: AccessToken): string;
  /** Signs the claims of an id_token. */
  signIdToken(claims: object): string;
  /** What a token says that one of our keys signed and whose time is not over; undefined for every other text. */
  read(value: string): AccessToken | undefined;
}

/** The media type of access tokens (RFC 9068 §2.1). */
const ACCESS_TOKEN = 'at+jwt';

const Claims = z.object({
  iss: z.string(),
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
  const claimsOf = createJwsReader(ring);

  return {
    get keys() {
      return ring.keys;
    },

    sign(alg, token) {
      return jws(alg, ACCESS_TOKEN, {
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

    read(value) {
      const signed = claimsOf(ACCESS_TOKEN, value);
      if (signed === undefined) return undefined;
      const claims = Claims.safeParse(signed).data;
      if (claims?.iss !== issuer || claims.exp <= Math.floor(Date.now() / 1_000)) return undefined;
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
    },
  };
}

/** Whether a text has the shape of a JWT, which no opaque token of ours has. */
export const looksSigned = (value: string): boolean => /^[\w-]+\.[\w-]+\.[\w-]*$/.test(value);
