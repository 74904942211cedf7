/** Who may use the Admin API: the bearer of a token that a configured admin client got, and nobody by a cookie. */
import { bearerToken } from '../http/bearerToken.js';
import type { HttpContext } from '../http/context.js';
import { perAddress, within } from '../http/limits.js';
import type { OauthContext } from '../oauth/context.js';
import { findAdminToken } from '../oauth/tokens/adminToken.js';
import type { Actor } from '../stores/records/auditEvent.js';
import { refused } from './problems.js';

/**
 * The actor of everything that a request does.
 * @returns the operator, through this client
 * @throws HttpError 401 with what RFC 6750 §3 wants; 429 after too many wrong tokens from the same address
 */
export async function authenticated(oauth: OauthContext, ctx: HttpContext): Promise<Actor> {
  const authorization = ctx.get('Authorization');
  const value = bearerToken(authorization);
  const token = value === undefined ? undefined : await findAdminToken(oauth, value);
  if (token) return { kind: 'operator', clientId: token.clientId, ip: ctx.state.ip };
  const challenge = `Bearer realm="${oauth.config.issuer}", scope="admin"`;
  // §3.1: no error code for a request that does not try to authenticate.
  if (authorization === '') throw noToken('Send an access token in the Authorization header.', challenge);
  await within(perAddress(oauth.limits.adminFailuresPerAddress, ctx.state.ip));
  const detail = 'The access token is none for this API, or is over.';
  throw noToken(detail, `${challenge}, error="invalid_token", error_description="${detail}"`);
}

const noToken = (detail: string, challenge: string) =>
  refused(
    'unauthorized',
    `${detail} Get one at the token endpoint with grant_type=client_credentials and scope=admin.`,
    {
      'WWW-Authenticate': challenge,
    },
  );
