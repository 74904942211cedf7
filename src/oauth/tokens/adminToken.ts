/** Access tokens for the Admin API: opaque, short-lived, stored apart from those of MCP clients and never mixed up with them. */
import { createHmac } from 'node:crypto';
import { z } from 'zod';
import { newSecret } from '../../ids.js';
import { volatileKind } from '../../stores/volatile.js';
import type { OauthContext } from '../context.js';

/** How long a token for the Admin API lives, in seconds. */
export const ADMIN_TOKEN_TTL = 600;

const AdminToken = z.strictObject({
  clientId: z.string(),
  /** Which of the client's secrets it was got with; see `secretMark`. */
  secretMark: z.string().length(43),
  /** Seconds since 1970. */
  issuedAt: z.int(),
  expiresAt: z.int(),
});
export type AdminToken = z.infer<typeof AdminToken>;

const adminTokens = volatileKind('admin-token', AdminToken);

/**
 * Issues a token for the Admin API; stored is its hash.
 * @param clientId the authenticated admin client
 * @param secret the one of its secrets that it authenticated with; the token ends when the configuration has it no more
 * @returns the token
 */
export async function issueAdminToken(
  { stores, adminClients }: OauthContext,
  clientId: string,
  secret: string,
): Promise<string> {
  const digest = adminClients.secrets.digestOf(clientId, secret);
  if (!digest) throw new Error(`The client ${clientId} has not authenticated.`);
  const value = newSecret();
  const issuedAt = Math.floor(Date.now() / 1_000);
  const token = { clientId, secretMark: secretMark(value, digest), issuedAt, expiresAt: issuedAt + ADMIN_TOKEN_TTL };
  await stores.volatile.set(adminTokens, value, token, token.expiresAt * 1_000);
  return value;
}

/**
 * What is known of a token for the Admin API.
 * @returns undefined when it is none, is over, or the configuration no longer has the secret that it was got with
 */
export async function findAdminToken(
  { stores, adminClients }: OauthContext,
  value: string,
): Promise<AdminToken | undefined> {
  const token = await stores.volatile.get(adminTokens, value);
  const standing = token ? adminClients.secrets.digests(token.clientId) : [];
  return standing.some((digest) => secretMark(value, digest) === token?.secretMark) ? token : undefined;
}

/** Ends a token; one that is not there is no error. */
export async function removeAdminToken({ stores }: OauthContext, value: string): Promise<void> {
  await stores.volatile.remove(adminTokens, value);
}

/** Tells a reader of the store nothing about the secret: it is keyed with the token, of which the store has a hash. */
const secretMark = (token: string, digest: Buffer): string =>
  createHmac('sha256', token).update(digest).digest('base64url');
