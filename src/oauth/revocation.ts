/** Revoking a signed access token (RFC 7009), which oidc-provider refuses to look at. */
import { removeConnection } from '../connections/removeConnection.js';
import type { Actor } from '../stores/records/auditEvent.js';
import { connections } from '../stores/records/connection.js';
import type { OauthContext } from './context.js';
import { findAccessToken } from './tokens/accessToken.js';

/**
 * Removes the connection of a client's own token; a token of anybody else, or that is none, changes nothing (§2.2).
 * @param clientId the authenticated client
 */
export async function revokeSignedToken(
  oauth: OauthContext,
  actor: Actor,
  clientId: string,
  value: string,
): Promise<void> {
  const token = await findAccessToken(oauth, value);
  if (token?.clientId !== clientId || token.actor !== undefined) return;
  const connection = await oauth.stores.durable.get(connections, token.connectionId);
  if (connection) await removeConnection(oauth.stores, actor, connection);
}
