/** Access tokens: opaque ones that are stored, or signed ones that carry the same themselves. */
import type { Resource } from '../../configFile/resources.js';
import { newToken, tokenHash } from '../../ids.js';
import type { Connection } from '../../stores/records/connection.js';
import { type VolatileWrite, volatileKind } from '../../stores/volatile.js';
import type { OauthContext } from '../context.js';
import { AccessToken } from './accessTokenRecord.js';
import { looksSigned } from './signedToken.js';

/** Access tokens begin with a time in the second after their end. */
export const accessTokens = volatileKind('access-token', AccessToken, { hash: tokenHash, inOrderOfEnd: true });

/**
 * What a new access token says: it ends after its lifetime or with its connection, whichever comes first.
 * @param ttl lifetime in seconds
 * @param scope the scopes of this token, separated by spaces
 * @returns undefined when the connection is over
 */
export function accessTokenFor(
  connection: Connection,
  audience: string,
  scope: string,
  ttl: number,
): AccessToken | undefined {
  const issuedAt = Math.floor(Date.now() / 1_000);
  const expiresAt = Math.min(issuedAt + ttl, Math.floor(connection.expiresAt / 1_000));
  if (expiresAt <= issuedAt) return undefined;
  return {
    connectionId: connection.id,
    accountId: connection.accountId,
    organizationId: connection.organizationId,
    clientId: connection.clientId,
    audience,
    scope,
    issuedAt,
    expiresAt,
  };
}

export interface NewAccessToken {
  readonly value: string;
  /** Seconds. */
  readonly expiresIn: number;
  /** To be written with `commitWith` before anybody gets the token; nothing for a signed one. */
  readonly toStore: readonly VolatileWrite[];
}

/**
 * A new access token in the format of its resource.
 * @param scope the scopes of this token, separated by spaces
 * @returns undefined when the connection is over
 */
export function newAccessToken(
  oauth: OauthContext,
  connection: Connection,
  resource: Resource,
  scope: string,
): NewAccessToken | undefined {
  const token = accessTokenFor(connection, resource.indicator, scope, resource.accessTokenTtl);
  if (!token) return undefined;
  const expiresIn = token.expiresAt - token.issuedAt;
  if (resource.accessTokenFormat === 'jwt')
    return { value: oauth.signer.sign(resource.accessTokenSigningAlg, token), expiresIn, toStore: [] };
  const expiresAt = token.expiresAt * 1_000;
  // Those that end in the same second stay in the order of their making.
  const value = newToken(expiresAt + (Date.now() % 1_000));
  const stored = { kind: accessTokens, key: value, value: token, expiresAt };
  return { value, expiresIn, toStore: [stored] };
}

/** What is known of this access token; undefined when it is not one of ours, or expired. */
export async function findAccessToken(oauth: OauthContext, value: string): Promise<AccessToken | undefined> {
  return looksSigned(value) ? oauth.signer.read(value) : oauth.stores.volatile.get(accessTokens, value);
}
