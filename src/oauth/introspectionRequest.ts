/** Requests to introspect (RFC 7662 §2.1): which token they ask about, and whether their resource server may. */
import { HttpError } from '../http/errors.js';
import { assertForm, formOf } from '../http/form.js';
import type { OauthContext } from './context.js';
import { createAuthentication } from './introspectionAuthentication.js';
import { findAccessToken } from './tokens/accessToken.js';
import type { AccessToken } from './tokens/accessTokenRecord.js';

/**
 * Reads a request: which token its resource server asks about.
 * @param ip gives the address that the request came from
 * @returns what is known of the token; undefined when it is none, or not for that resource server
 * @throws HttpError when the request is not one that is answered with `active`
 */
export type TokenAskedAbout = (
  authorization: string,
  contentType: string,
  body: Buffer,
  ip: () => string,
) => Promise<AccessToken | undefined>;

/** Made once: it remembers which credentials are right. */
export function createTokenAskedAbout(oauth: OauthContext): TokenAskedAbout {
  const authenticate = createAuthentication(oauth);
  return async (authorization, contentType, body, ip) => {
    assertForm(contentType);
    const form = formOf(body);
    const server = await authenticate(authorization, form, ip);
    const token = form.get('token');
    if (!token) throw new HttpError(400, 'invalid_request', 'The parameter token is missing (RFC 7662, section 2.1).');
    const access = await findAccessToken(oauth, token);
    return access && server.serves(access.audience) ? access : undefined;
  };
}
