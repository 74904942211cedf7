/** The authorization_code grant (RFC 6749 §4.1.3, RFC 7636 §4.6): a pending connection becomes active, once. */
import type Provider from 'oidc-provider';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { z } from 'zod';
import { activatedConnection } from '../../connections/activatedConnection.js';
import { removeConnection } from '../../connections/removeConnection.js';
import { usableConnection } from '../../connections/usableConnection.js';
import type { Stored } from '../../stores/collection.js';
import { insert, replace } from '../../stores/durable.js';
import { type Connection, connections } from '../../stores/records/connection.js';
import { refreshTokens } from '../../stores/records/refreshToken.js';
import { retryOnConflict } from '../../stores/retryOnConflict.js';
import { rememberClient } from '../clientLifetime.js';
import { clientActor, type OauthContext } from '../context.js';
import { issueAccessToken } from '../tokens/accessToken.js';
import { issueIdToken } from '../tokens/idToken.js';
import { newRefreshToken } from '../tokens/refreshToken.js';
import { assertRedirectUri, assertVerifier, type Code } from './codeBinding.js';
import { assertSameResource, parametersOf } from './parameters.js';
import { connectionRefused, invalidGrant } from './refusals.js';
import { withinTokenLimit } from './tokenLimit.js';

const Parameters = z.object({
  code: z.string().min(1),
  redirect_uri: z.string().min(1).optional(),
  code_verifier: z.string().regex(/^[\w.~-]{43,128}$/),
  resource: z.union([z.string(), z.array(z.string())]).optional(),
});

/** Handles a token request with grant_type=authorization_code. Client, redirect_uri, PKCE and MCP access come first. */
export async function authorizationCodeGrant(oauth: OauthContext, provider: Provider, ctx: KoaContextWithOIDC) {
  await withinTokenLimit(oauth, ctx);
  const asked = parametersOf(ctx, Parameters);
  const code = await provider.AuthorizationCode.find(asked.code, { ignoreExpiration: true });
  if (!code?.isValid || code.clientId !== ctx.oidc.client?.clientId)
    throw invalidGrant('unknown-code', 'this code is unknown, expired, or of another client; authorize again');
  assertVerifier(code, asked.code_verifier);
  assertRedirectUri(ctx, code, asked.redirect_uri);
  // When somebody else used the same code first, the next round finds its connection active: a reuse.
  ctx.body = await retryOnConflict(async () => {
    const connection = await pendingConnection(oauth, ctx, code);
    assertSameResource(asked.resource, connection.resource);
    return exchange(oauth, ctx, code, connection);
  });
}

/** The connection that this code may activate now; a refusal by the MCP access policy leaves code and connection as they are. */
async function pendingConnection(oauth: OauthContext, ctx: KoaContextWithOIDC, code: Code) {
  const connection = await oauth.stores.durable.get(connections, code.grantId ?? '');
  if (connection?.status === 'active') throw await reused(oauth, ctx, connection);
  if (!connection) throw connectionRefused('connection-gone');
  const use = await usableConnection(oauth.stores, connection);
  if (!use.usable) throw connectionRefused(use.reason);
  // Not the one that was read since: by then it may be active, and activating it once more must be a conflict.
  return connection;
}

/** @throws ConflictError when the connection changed since it was read */
async function exchange(oauth: OauthContext, ctx: KoaContextWithOIDC, code: Code, pending: Stored<Connection>) {
  const resource = oauth.resources.find(pending.resource);
  if (!resource)
    throw invalidGrant('resource-gone', 'the resource of this connection is no longer served here; authorize again');
  const access = await issueAccessToken(oauth, pending, resource, pending.scope);
  if (!access) throw connectionRefused('connection-gone');
  const idToken = await issueIdToken(ctx, pending, { nonce: code.nonce, authTime: code.authTime });
  await rememberClient(oauth.stores.durable, pending.clientId, pending.expiresAt);
  const refresh = ctx.oidc.client?.grantTypeAllowed('refresh_token') ? newRefreshToken(pending) : undefined;
  await oauth.stores.durable.commit([
    replace(connections, activatedConnection(pending)),
    ...(refresh ? [insert(refreshTokens, refresh.record)] : []),
  ]);
  return {
    access_token: access.value,
    expires_in: access.expiresIn,
    ...(idToken ? { id_token: idToken } : {}),
    ...(refresh ? { refresh_token: refresh.value } : {}),
    scope: pending.scope,
    token_type: 'Bearer',
  };
}

/** RFC 6749 §4.1.2: a code that is used again ends everything that was issued for it. */
async function reused(oauth: OauthContext, ctx: KoaContextWithOIDC, connection: Connection) {
  await removeConnection(oauth.stores, clientActor(ctx), connection, 'connection.code-reused');
  return invalidGrant('code-reused', 'this code was used before, so its connection was removed; authorize again');
}
