/** The UserInfo endpoint (OpenID Connect Core §5.3): the claims that the token's scopes give. */
import { bearerToken } from '../http/bearerToken.js';
import { HttpError } from '../http/errors.js';
import { connectionNow, tokenScopeNow } from './connectionNow.js';
import type { OauthContext } from './context.js';
import { findAccessToken } from './tokens/accessToken.js';

const refused = (status: number, code: string, message: string) =>
  new HttpError(status, code, message, {
    headers: { 'WWW-Authenticate': `Bearer error="${code}", error_description="${message}"` },
  });
const NEEDED = 'Send an active access token in the Authorization header.';

/**
 * The claims of the person whose access token this is.
 * @param authorization the Authorization header
 * @throws HttpError 401 `invalid_token`, 403 `insufficient_scope` (RFC 6750 §3.1)
 */
export async function userinfo(oauth: OauthContext, authorization: string): Promise<Record<string, unknown>> {
  // Whoever did not try is told how, and not what was wrong (RFC 6750 §3.1).
  if (!/^bearer\b/i.test(authorization))
    throw new HttpError(401, 'invalid_token', NEEDED, { headers: { 'WWW-Authenticate': 'Bearer' } });
  const value = bearerToken(authorization);
  const token = value === undefined ? undefined : await findAccessToken(oauth, value);
  const use = token && (await connectionNow(oauth, { ...token, id: token.connectionId }));
  if (!token || !use?.usable || use.connection.status !== 'active') throw refused(401, 'invalid_token', NEEDED);
  const scope = tokenScopeNow(oauth, use, token);
  if (scope === '') throw refused(401, 'invalid_token', NEEDED);
  const scopes = scope.split(' ');
  if (!scopes.includes('openid')) throw refused(403, 'insufficient_scope', 'The access token needs the scope openid.');
  const { account } = use;
  return {
    sub: account.id,
    ...(scopes.includes('profile') ? { name: account.name } : {}),
    ...(scopes.includes('email') ? { email: account.email, email_verified: account.emailVerified } : {}),
  };
}
