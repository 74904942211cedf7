/** The refresh_token grant: rotation with a replay window (RFC 6749 §6, RFC 9700 §4.14; docs/rules.md, 5). */
import { z } from 'zod';
import type { Resource } from '../../configFile/resources.js';
import { removeConnection } from '../../connections/removeConnection.js';
import { type Counted, count, refusalNow } from '../../http/limits.js';
import type { Stored } from '../../stores/collection.js';
import { commitWith } from '../../stores/commitWith.js';
import { ConflictError, insert, replace } from '../../stores/durable.js';
import type { Connection } from '../../stores/records/connection.js';
import { type RefreshToken, refreshReplays, refreshTokens, replayId } from '../../stores/records/refreshToken.js';
import { retryOnConflict } from '../../stores/retryOnConflict.js';
import { actorOf, type ClientRequest } from '../clientRequest.js';
import { connectionNow } from '../connectionNow.js';
import type { OauthContext } from '../context.js';
import { knownScopes, OFFLINE_ACCESS } from '../resources.js';
import { newAccessToken } from '../tokens/accessToken.js';
import { findRefreshToken, newRefreshToken } from '../tokens/refreshToken.js';
import { openResponse, sealResponse } from '../tokens/sealedResponse.js';
import type { Issued } from './issued.js';
import { assertSameResource, parametersOf } from './parameters.js';
import { connectionRefused, invalidGrant, invalidScope, refreshRefused } from './refusals.js';
import { noteRepeat } from './repeatedRefresh.js';

const Parameters = z.object({
  refresh_token: z.string().min(1),
  scope: z.string().optional(),
  resource: z.union([z.string(), z.array(z.string())]).optional(),
});

/** One use of a refresh token, checked and ready to be answered. */
interface Use {
  readonly value: string;
  readonly token: Stored<RefreshToken>;
  readonly connection: Stored<Connection>;
  readonly resource: Resource;
  readonly scope: string;
}

/** Handles a token request with grant_type=refresh_token; every refusal comes before any state changes. */
export async function refreshTokenGrant(oauth: OauthContext, request: ClientRequest, issued: Issued): Promise<object> {
  // When somebody else used the same token first, the next round finds it used and answers what the first one got.
  return retryOnConflict(async () => {
    const use = await checkedUse(oauth, request);
    if (use.token.usedAt === undefined) return rotate(oauth, request, use, issued);
    return (await issued.response(oauth.stores)) ?? replay(oauth, request, use);
  });
}

async function checkedUse(oauth: OauthContext, request: ClientRequest): Promise<Use> {
  const asked = parametersOf(request, Parameters);
  const token = await findRefreshToken(oauth.stores, asked.refresh_token);
  if (!token || token.clientId !== request.client.clientId)
    throw invalidGrant(
      'unknown-refresh-token',
      'this refresh token is unknown, expired, or of another client; authorize again',
    );
  const use = await connectionNow(oauth, { ...token, id: token.connectionId });
  if (!use.usable) throw refreshRefused(use.reason);
  assertSameResource(oauth.resources, asked.resource, use.resource);
  return {
    value: asked.refresh_token,
    token,
    connection: use.connection,
    resource: use.resource,
    scope: narrowedScope(use.resource, use.scope, asked.scope),
  };
}

/**
 * RFC 6749 §6: the scope of a refresh may be narrower than what was granted, never wider. As at /authorize, scopes that
 * the resource does not have are ignored; so is `offline_access`, which some clients add here that did not ask for it
 * there.
 */
function narrowedScope(resource: Resource, granted: string, asked: string | undefined): string {
  const covered = granted.split(' ');
  const wanted = knownScopes(resource, asked);
  const missing = wanted.filter((scope) => scope !== OFFLINE_ACCESS && !covered.includes(scope));
  if (missing.length > 0) throw invalidScope(`the refresh token does not cover: ${missing.join(' ')}; authorize again`);
  const narrowed = wanted.filter((scope) => covered.includes(scope));
  return narrowed.some((scope) => scope !== OFFLINE_ACCESS) ? narrowed.join(' ') : granted;
}

/**
 * @throws ConflictError when the token was used since it was read
 * @throws HttpError 429 when the connection or its account has refreshed too often; the token is not used up
 */
async function rotate(oauth: OauthContext, request: ClientRequest, use: Use, issued: Issued): Promise<object> {
  const counted = await withRoom(oauth, use);
  const access = newAccessToken(oauth, use.connection, use.resource, use.scope);
  if (!access) throw connectionRefused('connection-gone');
  const successor = newRefreshToken(use.connection);
  const response = {
    access_token: access.value,
    expires_in: access.expiresIn,
    refresh_token: successor.value,
    scope: use.scope,
    token_type: 'Bearer',
  };
  const usedAt = Date.now();
  const used = { ...use.token, usedAt };
  const windowMs = oauth.config.file.limits.refreshReplayWindow * 1_000;
  const replayedUntil = usedAt + windowMs;
  const kept = {
    id: replayId(used.id, replayedUntil),
    sealedResponse: sealResponse(use.value, use.connection, response),
    firstUsedFrom: request.ip,
    keptUntil: replayedUntil,
  };
  const changes = [
    insert(refreshTokens, successor.record),
    ...(windowMs > 0
      ? [replace(refreshTokens, { ...used, replayedUntil }), insert(refreshReplays, kept)]
      : [replace(refreshTokens, used)]),
  ];
  issued.begin(successor.record, response);
  await commitWith(oauth.stores, access.toStore, changes);
  await count(counted);
  return response;
}

/**
 * Where a refresh counts, once it has stored something: what comes at once with the same token is answered with the same
 * response and must neither count nor be refused, also when it is the last one that the limit has room for.
 */
async function withRoom(oauth: OauthContext, { value, connection }: Use): Promise<readonly Counted[]> {
  const { refreshPerAccount, refreshPerConnection } = oauth.limits;
  const counted: Counted[] = [
    [refreshPerAccount, connection.accountId],
    [refreshPerConnection, connection.id],
  ];
  const refusal = await refusalNow(counted);
  if (!refusal) return counted;
  const token = await findRefreshToken(oauth.stores, value);
  throw token?.usedAt === undefined ? refusal : new ConflictError(refreshTokens.name);
}

async function replay(oauth: OauthContext, request: ClientRequest, use: Use): Promise<object> {
  const { id, replayedUntil } = use.token;
  const kept =
    replayedUntil !== undefined && (await oauth.stores.durable.get(refreshReplays, replayId(id, replayedUntil)));
  if (kept) {
    const response = openResponse(use.value, use.connection, kept.sealedResponse);
    await noteRepeat(oauth, request, use.connection, kept);
    return response;
  }
  await removeConnection(oauth.stores, actorOf(request), use.connection.id, 'connection.refresh-token-reused');
  throw invalidGrant(
    'refresh-token-reused',
    'this refresh token was used before, so its connection was removed; authorize again',
  );
}
