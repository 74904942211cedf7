/** Access tokens: opaque ones that are stored, or signed ones that carry the same themselves. */
import { z } from 'zod';
import type { Resource } from '../../configFile.js';
import { newSecret } from '../../ids.js';
import type { Connection } from '../../stores/records/connection.js';
import { volatileKind } from '../../stores/volatile.js';
import type { OauthContext } from '../context.js';
import { looksSigned } from './signedToken.js';

/** What is known of an access token; the ids let a use of it read everything it depends on side by side. */
export const AccessToken = z.strictObject({
  connectionId: z.string(),
  accountId: z.string(),
  organizationId: z.string(),
  clientId: z.string(),
  audience: z.string(),
  scope: z.string(),
  /** Seconds since 1970, as RFC 7662 wants them. */
  issuedAt: z.int(),
  expiresAt: z.int(),
  /** The resource server that got this token in exchange for one of the client's (RFC 8693 `act.sub`). */
  actor: z.string().exactOptional(),
});
export type AccessToken = z.infer<typeof AccessToken>;

const accessTokens = volatileKind('access-token', AccessToken);

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

/**
 * Issues an access token in the format of its resource.
 * @param scope the scopes of this token, separated by spaces
 * @returns the token and its lifetime in seconds; undefined when the connection is over
 */
export async function issueAccessToken(
  oauth: OauthContext,
  connection: Connection,
  resource: Resource,
  scope: string,
): Promise<{ value: string; expiresIn: number } | undefined> {
  const token = accessTokenFor(connection, resource.indicator, scope, resource.accessTokenTtl);
  if (!token) return undefined;
  const expiresIn = token.expiresAt - token.issuedAt;
  if (resource.accessTokenFormat === 'jwt')
    return { value: await oauth.signer.sign(resource.accessTokenSigningAlg, token), expiresIn };
  const value = newSecret();
  await oauth.stores.volatile.set(accessTokens, value, token, token.expiresAt * 1_000);
  return { value, expiresIn };
}

/** What is known of this access token; undefined when it is not one of ours, or expired. */
export function findAccessToken(oauth: OauthContext, value: string): Promise<AccessToken | undefined> {
  return looksSigned(value) ? oauth.signer.read(value) : oauth.stores.volatile.get(accessTokens, value);
}
