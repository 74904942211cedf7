/** Access tokens for the Admin API: opaque, short-lived, stored apart from those of MCP clients and never mixed up with them. */
import { z } from 'zod';
import { newSecret } from '../../ids.js';
import { volatileKind } from '../../stores/volatile.js';
import type { OauthContext } from '../context.js';

/** How long a token for the Admin API lives, in seconds. */
export const ADMIN_TOKEN_TTL = 600;

const AdminToken = z.strictObject({
  clientId: z.string(),
  /** Seconds since 1970. */
  issuedAt: z.int(),
  expiresAt: z.int(),
});
export type AdminToken = z.infer<typeof AdminToken>;

const adminTokens = volatileKind('admin-token', AdminToken);

/**
 * Issues a token for the Admin API; stored is its hash.
 * @param clientId the authenticated admin client
 * @returns the token
 */
export async function issueAdminToken({ stores }: OauthContext, clientId: string): Promise<string> {
  const value = newSecret();
  const issuedAt = Math.floor(Date.now() / 1_000);
  const token = { clientId, issuedAt, expiresAt: issuedAt + ADMIN_TOKEN_TTL };
  await stores.volatile.set(adminTokens, value, token, token.expiresAt * 1_000);
  return value;
}

/**
 * What is known of a token for the Admin API.
 * @returns undefined when it is none, is over, or its client stands in the configuration no more
 */
export async function findAdminToken(
  { stores, adminClients }: OauthContext,
  value: string,
): Promise<AdminToken | undefined> {
  const token = await stores.volatile.get(adminTokens, value);
  return token && adminClients.has(token.clientId) ? token : undefined;
}

/** Ends a token; one that is not there is no error. */
export async function removeAdminToken({ stores }: OauthContext, value: string): Promise<void> {
  await stores.volatile.remove(adminTokens, value);
}
