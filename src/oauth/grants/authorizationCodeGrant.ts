/** The authorization_code grant (RFC 6749 §4.1.3, RFC 7636 §4.6): a pending connection becomes active, once. */
import { z } from 'zod';
import type { Resource } from '../../configFile/resources.js';
import { activatedConnection } from '../../connections/activatedConnection.js';
import { removeConnection } from '../../connections/removeConnection.js';
import { replacedBy } from '../../connections/replacement.js';
import type { Stored } from '../../stores/collection.js';
import { commitWith } from '../../stores/commitWith.js';
import { insert, replace } from '../../stores/durable.js';
import { type Connection, connections } from '../../stores/records/connection.js';
import { refreshTokens } from '../../stores/records/refreshToken.js';
import { retryOnConflict } from '../../stores/retryOnConflict.js';
import { type AuthorizationCode, findAuthorizationCode } from '../authorizationCode.js';
import { rememberKeys } from '../clientKeys/clientAssertion.js';
import { rememberClient } from '../clientLifetime.js';
import { actorOf, type ClientRequest } from '../clientRequest.js';
import { connectionNow } from '../connectionNow.js';
import type { OauthContext } from '../context.js';
import type { TokenClient } from '../tokenClient.js';
import { newAccessToken } from '../tokens/accessToken.js';
import { newIdToken } from '../tokens/idToken.js';
import { newRefreshToken } from '../tokens/refreshToken.js';
import { assertRedirectUri, assertVerifier } from './codeBinding.js';
import type { Issued } from './issued.js';
import { assertSameResource, parametersOf } from './parameters.js';
import { connectionRefused, invalidGrant } from './refusals.js';

const Parameters = z.object({
  code: z.string().min(1),
  redirect_uri: z.string().min(1).optional(),
  code_verifier: z
    .string()
    .regex(/^[\w.~-]{43,128}$/, 'must have 43 to 128 of A-Z, a-z, 0-9, - . _ ~ (RFC 7636, section 4.1)'),
  resource: z.union([z.string(), z.array(z.string())]).optional(),
});

/** Handles a token request with grant_type=authorization_code. Client, redirect_uri, PKCE and MCP access come first. */
export async function authorizationCodeGrant(
  oauth: OauthContext,
  request: ClientRequest,
  issued: Issued,
): Promise<object> {
  const asked = parametersOf(request, Parameters);
  const code = await findAuthorizationCode(oauth.stores.volatile, asked.code);
  if (code?.clientId !== request.client.clientId)
    throw invalidGrant('unknown-code', 'this code is unknown, expired, or of another client; authorize again');
  assertVerifier(code, asked.code_verifier);
  assertRedirectUri(request.client, code, asked.redirect_uri);
  // When somebody else used the same code first, the next round finds its connection active: a reuse.
  return retryOnConflict(async () => {
    const connection = await oauth.stores.durable.get(connections, code.grantId);
    if (connection?.status === 'active')
      return (await issued.response(oauth.stores)) ?? reused(oauth, request, connection);
    const pending = await usablePending(oauth, connection);
    assertSameResource(oauth.resources, asked.resource, pending.resource);
    return exchange(oauth, request.client, code, pending, issued);
  });
}

interface Pending {
  readonly connection: Stored<Connection>;
  readonly resource: Resource;
  readonly scope: string;
}

/** What this code may activate now; a refusal by the MCP access policy leaves code and connection as they are. */
async function usablePending(oauth: OauthContext, connection: Stored<Connection> | undefined): Promise<Pending> {
  if (!connection) throw connectionRefused('connection-gone');
  const use = await connectionNow(oauth, connection);
  if (!use.usable) throw connectionRefused(use.reason);
  // Not the one that was read since: by then it may be active, and activating it once more must be a conflict.
  return { connection, resource: use.resource, scope: use.scope };
}

/** @throws ConflictError when the connection changed since it was read */
async function exchange(
  oauth: OauthContext,
  client: TokenClient,
  code: AuthorizationCode,
  { connection: pending, resource, scope }: Pending,
  issued: Issued,
): Promise<object> {
  const access = newAccessToken(oauth, pending, resource, scope);
  if (!access) throw connectionRefused('connection-gone');
  const idToken = newIdToken(oauth, pending, code, access.value);
  await rememberClient(oauth.stores.durable, pending.clientId, pending.expiresAt);
  await rememberKeys(oauth, client);
  // Also for a client that may not refresh: nobody gets it then, and it tells that this request made the commit.
  const refresh = newRefreshToken(pending);
  const response = {
    access_token: access.value,
    expires_in: access.expiresIn,
    ...(idToken ? { id_token: idToken } : {}),
    ...(client.grantTypes.includes('refresh_token') ? { refresh_token: refresh.value } : {}),
    scope,
    token_type: 'Bearer',
  };
  issued.begin(refresh.record, response);
  await commitWith(oauth.stores, access.toStore, [
    replace(connections, activatedConnection(pending)),
    ...(await replacedBy(oauth.stores.durable, pending)),
    insert(refreshTokens, refresh.record),
  ]);
  return response;
}

/** RFC 6749 §4.1.2: a code that is used again ends everything that was issued for it. */
async function reused(oauth: OauthContext, request: ClientRequest, connection: Connection): Promise<never> {
  await removeConnection(oauth.stores, actorOf(request), connection.id, 'connection.code-reused');
  throw invalidGrant('code-reused', 'this code was used before, so its connection was removed; authorize again');
}
