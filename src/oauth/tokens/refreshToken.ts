/** Refresh tokens: made at code exchange and at every rotation. */
import { newToken, tokenHash } from '../../ids.js';
import type { Stored } from '../../stores/collection.js';
import type { Connection } from '../../stores/records/connection.js';
import { type RefreshToken, refreshTokens } from '../../stores/records/refreshToken.js';
import type { Stores } from '../../stores/stores.js';

/**
 * A new refresh token of a connection; it ends with the connection, never later.
 * @returns the token for the client, and the record to insert
 */
export function newRefreshToken(connection: Connection): { value: string; record: RefreshToken } {
  const issuedAt = Date.now();
  const value = newToken(issuedAt);
  const record: RefreshToken = {
    id: tokenHash(value),
    connectionId: connection.id,
    accountId: connection.accountId,
    organizationId: connection.organizationId,
    clientId: connection.clientId,
    scope: connection.scope,
    issuedAt,
    keptUntil: connection.expiresAt,
  };
  return { value, record };
}

/** The record of a refresh token, used or not; undefined when it is unknown or its connection's month is over. */
export function findRefreshToken(stores: Stores, value: string): Promise<Stored<RefreshToken> | undefined> {
  return stores.durable.get(refreshTokens, tokenHash(value));
}
