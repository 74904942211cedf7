/** Who introspects: a resource server of the configuration, by HTTP Basic or in the form (RFC 7662 §2.1). */
import { clientCredentials } from '../http/clientCredentials.js';
import { HttpError } from '../http/errors.js';
import { secretHash } from '../ids.js';
import type { OauthContext } from './context.js';
import type { AuthenticatedResourceServer } from './resourceServers.js';
import { wrongSecret } from './wrongSecret.js';

/**
 * @param authorization the Authorization header; empty when there is none
 * @param ip gives the address that the request came from
 * @throws HttpError 401 for no or wrong credentials, 400 when they stand in two places, 429 for too many wrong ones
 */
export type Authenticate = (
  authorization: string,
  form: URLSearchParams,
  ip: () => string,
) => AuthenticatedResourceServer | Promise<AuthenticatedResourceServer>;

/** Base64 can be written in a few ways; this is far more than all of them for all configured secrets. */
const MOST_HEADERS = 1_000;

/**
 * Authentication that looks at each right Authorization header once: the configuration that it depends on does not
 * change while the server runs.
 */
export function createAuthentication(oauth: OauthContext): Authenticate {
  const { resourceServers, config } = oauth;
  const right = new Map<string, AuthenticatedResourceServer>();
  return (authorization, form, ip) => {
    // By its hash, so that nothing is compared with a secret in clear.
    const header = secretHash(authorization);
    const known = form.has('client_secret') || form.has('client_id') ? undefined : right.get(header);
    if (known) return known;
    const presented = clientCredentials(authorization, form);
    const server = presented && resourceServers.authenticate(presented.clientId, presented.secret);
    if (!server) {
      const refusal = new HttpError(
        401,
        'invalid_client',
        'Authenticate as a resource server that this server knows.',
        {
          headers: { 'WWW-Authenticate': `Basic realm="${config.issuer}"` },
        },
      );
      if (!presented) throw refusal;
      const { clientId } = presented;
      const known = resourceServers.identify(clientId) !== undefined;
      return wrongSecret(oauth, { clientId, known, ip: ip() }, refusal).then((error) => Promise.reject(error));
    }
    if (authorization !== '' && right.size < MOST_HEADERS) right.set(header, server);
    return server;
  };
}
