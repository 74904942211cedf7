/** The token endpoint (RFC 6749 §3.2): who asks, for which grant, and whether it may. */
import type { RequestListener } from 'node:http';
import { clientEndpoint } from '../http/clientEndpoint.js';
import { HttpError } from '../http/errors.js';
import { type ClientRequest, clientRequest, REPEATABLE } from './clientRequest.js';
import type { OauthContext } from './context.js';
import { authorizationCodeGrant } from './grants/authorizationCodeGrant.js';
import { CLIENT_CREDENTIALS, clientCredentialsGrant } from './grants/clientCredentialsGrant.js';
import { Issued } from './grants/issued.js';
import { refreshTokenGrant } from './grants/refreshTokenGrant.js';
import { TOKEN_EXCHANGE, tokenExchangeGrant } from './grants/tokenExchangeGrant.js';
import { withinTokenLimit } from './grants/tokenLimit.js';
import type { FindTokenClient } from './tokenClient.js';

/**
 * @param issued what earlier attempts of the same request may have issued
 * @returns the token response (RFC 6749 §5.1)
 */
type Grant = (oauth: OauthContext, request: ClientRequest, issued: Issued) => Promise<object>;

/**
 * Handles POST /token. The library's own endpoint is not used: each grant is one conditional durable write here, and a
 * token is asked for so often that reading the request twice would show. What a store or a limit keeps from being answered
 * waits for a while (`tokenWaiting.ts`); every attempt begins with the client.
 */
export function tokenEndpoint(oauth: OauthContext, find: FindTokenClient): RequestListener {
  const grants = new Map<unknown, Grant>([
    ['authorization_code', authorizationCodeGrant],
    ['refresh_token', refreshTokenGrant],
    ...(oauth.resourceServers.exchanging.length > 0 ? [[TOKEN_EXCHANGE, tokenExchangeGrant] as const] : []),
    ...(oauth.adminClients.ids.length > 0 ? [[CLIENT_CREDENTIALS, clientCredentialsGrant] as const] : []),
  ]);
  return clientEndpoint(oauth, '/token', REPEATABLE, (posted) => {
    const issued = new Issued();
    let counted = false;
    return oauth.tokenWaiting.answer(posted, async () => {
      const request = await clientRequest(oauth, find, posted);
      const grant = allowedGrant(grants, request);
      if (!counted) await withinTokenLimit(oauth, request);
      counted = true;
      return grant(oauth, request, issued);
    });
  });
}

function allowedGrant(grants: ReadonlyMap<unknown, Grant>, { client, parameters }: ClientRequest): Grant {
  const { grant_type: type } = parameters;
  if (type === undefined) throw new HttpError(400, 'invalid_request', 'the parameter grant_type is missing');
  const grant = grants.get(type);
  if (!grant)
    throw new HttpError(400, 'unsupported_grant_type', `grant_type must be one of ${[...grants.keys()].join(', ')}`);
  if (!client.grantTypes.includes(String(type)))
    throw new HttpError(400, 'unauthorized_client', 'this client may not use that grant type');
  return grant;
}
