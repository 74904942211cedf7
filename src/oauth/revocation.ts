/** The revocation endpoint (RFC 7009): a client gives up one of its tokens, and with it the connection. */
import type { RequestListener } from 'node:http';
import { removeConnection } from '../connections/removeConnection.js';
import { clientEndpoint } from '../http/clientEndpoint.js';
import { HttpError } from '../http/errors.js';
import { actorOf, type ClientRequest, clientRequest, REPEATABLE } from './clientRequest.js';
import type { OauthContext } from './context.js';
import type { FindTokenClient } from './tokenClient.js';
import { findAccessToken } from './tokens/accessToken.js';
import { findAdminToken, removeAdminToken } from './tokens/adminToken.js';
import { findRefreshToken } from './tokens/refreshToken.js';

/** Handles POST /revoke: 200 for every token, so that nothing can be learned of those of others (§2.2). */
export function revocationEndpoint(oauth: OauthContext, find: FindTokenClient): RequestListener {
  return clientEndpoint(oauth, '/revoke', REPEATABLE, async (posted) => {
    const request = await clientRequest(oauth, find, posted);
    const { token } = request.parameters;
    if (typeof token !== 'string') throw new HttpError(400, 'invalid_request', 'the parameter token is missing');
    await revoke(oauth, request, token);
    return undefined;
  });
}

/**
 * Ends what a client's own token stands for: the connection, or a token for the Admin API. A used refresh token does as
 * well, and so does any while MCP access is off; a token that was exchanged is not its client's.
 */
async function revoke(oauth: OauthContext, request: ClientRequest, value: string): Promise<void> {
  const { stores, adminClients } = oauth;
  const { clientId } = request.client;
  if (adminClients.has(clientId)) {
    if ((await findAdminToken(oauth, value))?.clientId === clientId) await removeAdminToken(oauth, value);
    return;
  }
  // In this order, since to revoke a refresh token must not need the volatile store.
  const token = (await findRefreshToken(stores, value)) ?? (await findAccessToken(oauth, value));
  if (token?.clientId !== clientId || ('actor' in token && token.actor !== undefined)) return;
  await removeConnection(stores, actorOf(request), token.connectionId);
}
