/** The token exchange grant (RFC 8693): a resource server trades a client's token for one of another resource. */
import { z } from 'zod';
import { HttpError } from '../../http/errors.js';
import type { ClientRequest } from '../clientRequest.js';
import { connectionNow, shownScopes, tokenScopeNow } from '../connectionNow.js';
import type { OauthContext } from '../context.js';
import { type AuthenticatedResourceServer, reachedScopes } from '../resourceServers.js';
import { accessTokenFor, findAccessToken } from '../tokens/accessToken.js';
import type { AccessToken } from '../tokens/accessTokenRecord.js';
import { parametersOf } from './parameters.js';
import { connectionRefused, invalidScope, invalidTarget, notShown } from './refusals.js';

export const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const ACCESS_TOKEN_TYPE = 'urn:ietf:params:oauth:token-type:access_token';

/** An exchanged token lives for so many seconds at most. */
const MAX_TTL = 300;

const AccessTokenType = z.literal(ACCESS_TOKEN_TYPE, {
  error: ({ input }) => (input === undefined ? undefined : `must be ${ACCESS_TOKEN_TYPE}`),
});

const Parameters = z.object({
  subject_token: z.string().min(1),
  subject_token_type: AccessTokenType,
  requested_token_type: AccessTokenType.optional(),
  resource: z.string().min(1),
  scope: z.string().optional(),
  actor_token: z.never('is not supported: the actor is the client itself').optional(),
});

/**
 * Handles a token request with grant_type=token-exchange. The new token acts through the same connection under the
 * same policy, names the resource server as actor, and is signed, so that nothing is stored for it.
 */
export async function tokenExchangeGrant(oauth: OauthContext, request: ClientRequest): Promise<object> {
  const asked = parametersOf(request, Parameters);
  const server = oauth.resourceServers.identify(request.client.clientId);
  if (!server) throw new HttpError(400, 'unauthorized_client', 'only resource servers may exchange tokens');
  const subject = await subjectToken(oauth, server, asked.subject_token);
  const target = oauth.resources.asked(asked.resource);
  const entry = target && server.exchangeFor(target.indicator);
  if (!target || !entry) throw invalidTarget('this resource server may not get tokens for that resource');
  const use = await connectionNow(oauth, { ...subject, id: subject.connectionId });
  if (!use.usable) throw connectionRefused(use.reason);
  const shown = shownScopes(oauth, use.connection, target);
  const given = shown ? entry.filter(({ name }) => shown.includes(name)) : entry;
  if (given.length === 0) throw notShown();
  const held = tokenScopeNow(oauth, use, subject);
  const scope = exchangedScope(reachedScopes(given, use.resource, held, use.scope), asked.scope);
  const ttl = Math.min(MAX_TTL, subject.expiresAt - Math.floor(Date.now() / 1_000));
  const token = accessTokenFor(use.connection, target.indicator, scope, ttl);
  if (use.connection.status !== 'active' || !token) throw connectionRefused('connection-gone');
  const actor = server.clientId;
  return {
    access_token: oauth.signer.sign(target.accessTokenSigningAlg, { ...token, actor }),
    issued_token_type: ACCESS_TOKEN_TYPE,
    token_type: 'Bearer',
    expires_in: token.expiresAt - token.issuedAt,
    scope,
  };
}

/** RFC 8693 §2.2.2: a subject token that cannot be used is `invalid_request`, whatever is wrong with it. */
async function subjectToken(oauth: OauthContext, server: AuthenticatedResourceServer, value: string) {
  const subject: AccessToken | undefined = await findAccessToken(oauth, value);
  if (!subject || !server.serves(subject.audience) || subject.actor !== undefined)
    throw new HttpError(
      400,
      'invalid_request',
      'subject_token is no active access token of a client for a resource of this server',
    );
  return subject;
}

function exchangedScope(allowed: readonly string[], asked: string | undefined): string {
  if (allowed.length === 0)
    throw invalidScope(
      'subject_token does not have the scopes that this exchange needs: get one with all of its scopes',
    );
  const wanted = [...new Set(asked?.split(' ').filter(Boolean))];
  const missing = wanted.filter((scope) => !allowed.includes(scope));
  if (missing.length > 0) throw invalidScope(`this resource server may not get: ${missing.join(' ')}`);
  return (wanted.length > 0 ? wanted : allowed).join(' ');
}
