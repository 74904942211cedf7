/** Opaque access tokens: issued here, found by introspection. */
import { z } from 'zod';
import type { Resource } from '../../configFile.js';
import { newSecret } from '../../ids.js';
import type { Connection } from '../../stores/records/connection.js';
import type { Stores } from '../../stores/stores.js';
import { type VolatileStore, volatileKind } from '../../stores/volatile.js';

/** What is kept of an access token; the ids let a use of it read everything it depends on side by side. */
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
});
export type AccessToken = z.infer<typeof AccessToken>;

const accessTokens = volatileKind('access-token', AccessToken);

/**
 * Issues an access token that ends with its time or with its connection, whichever comes first.
 * @param scope the scopes of this token, separated by spaces
 * @returns the token and its lifetime in seconds; a lifetime of 0 means that the connection is over
 */
export async function issueAccessToken(
  stores: Stores,
  connection: Connection,
  resource: Resource,
  scope: string,
): Promise<{ value: string; expiresIn: number }> {
  const now = Date.now();
  const issuedAt = Math.floor(now / 1_000);
  const expiresAt = Math.min(issuedAt + resource.accessTokenTtl, Math.floor(connection.expiresAt / 1_000));
  const value = newSecret();
  if (expiresAt <= issuedAt) return { value, expiresIn: 0 };
  const record: AccessToken = {
    connectionId: connection.id,
    accountId: connection.accountId,
    organizationId: connection.organizationId,
    clientId: connection.clientId,
    audience: resource.indicator,
    scope,
    issuedAt,
    expiresAt,
  };
  await stores.volatile.set(accessTokens, value, record, expiresAt * 1_000);
  return { value, expiresIn: expiresAt - issuedAt };
}

/** What is kept of this access token; undefined when it is unknown or expired. */
export function findAccessToken(volatile: VolatileStore, value: string): Promise<AccessToken | undefined> {
  return volatile.get(accessTokens, value);
}
