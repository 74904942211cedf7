/** The client_credentials grant (RFC 6749 §4.4): an admin client gets a token for the Admin API; nobody else gets anything. */
import { z } from 'zod';
import type { ClientRequest } from '../clientRequest.js';
import type { OauthContext } from '../context.js';
import { ADMIN_TOKEN_TTL, issueAdminToken } from '../tokens/adminToken.js';
import { parametersOf } from './parameters.js';
import { invalidScope, invalidTarget } from './refusals.js';

export const CLIENT_CREDENTIALS = 'client_credentials';
/** The one scope of the Admin API; it stands in no metadata, because MCP clients ask for every scope they find there. */
const ADMIN_SCOPE = 'admin';

const Parameters = z.object({ scope: z.string().optional(), resource: z.string().optional() });

/**
 * Handles a token request with grant_type=client_credentials. Only admin clients have this grant type
 * (`tokenClient.ts`).
 */
export async function clientCredentialsGrant(oauth: OauthContext, request: ClientRequest): Promise<object> {
  const { scope = ADMIN_SCOPE, resource } = parametersOf(request, Parameters);
  if (scope !== ADMIN_SCOPE) throw invalidScope(`this client may ask for the scope ${ADMIN_SCOPE} and no other`);
  if (resource !== undefined && resource !== `${oauth.config.baseUrl}/admin/v1`)
    throw invalidTarget('this client gets tokens for the Admin API alone; leave resource out');
  return {
    access_token: await issueAdminToken(oauth, request.client.clientId, request.secret ?? ''),
    expires_in: ADMIN_TOKEN_TTL,
    scope,
    token_type: 'Bearer',
  };
}
