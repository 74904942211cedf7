/** Client credentials of a request: HTTP Basic or in the form body, never both (RFC 6749 §2.3). */
import { HttpError } from './errors.js';

export interface ClientCredentials {
  readonly clientId: string;
  readonly secret: string;
}

/** One scheme other than Basic with one token behind it (RFC 9110 §11.4). Two headers that were joined have a comma. */
const OTHER_SCHEME = /^(?!basic )[\w!#$%&'*+.^`|~-]+ +[\w.~+/=-]+$/i;

/**
 * The Authorization header where it authenticates a client. SDKs send the headers that are configured for an MCP server
 * to its authorization server too, such as `Authorization: Bearer …`, and name their client in the body.
 * @param authorization the header; empty when there is none
 * @returns the header, or an empty text when its scheme authenticates no client here
 */
export const clientAuthentication = (authorization: string): string =>
  OTHER_SCHEME.test(authorization) ? '' : authorization;

/**
 * Reads client credentials. In HTTP Basic, id and secret are form-encoded (RFC 6749 §2.3.1); clients that leave the
 * encoding out are understood where the text has nothing to decode.
 * @param authorization the Authorization header; empty when there is none
 * @param form the form's fields
 * @returns the credentials; undefined when there are none that can be read
 * @throws HttpError 400 when they stand in both places, or name two clients
 */
export function clientCredentials(authorization: string, form: URLSearchParams): ClientCredentials | undefined {
  // A parameter without a value counts as left out (§3.2).
  const clientId = form.get('client_id') || undefined;
  const secret = form.get('client_secret') || undefined;
  if (authorization === '') return clientId && secret ? { clientId, secret } : undefined;
  const basic = basicCredentials(authorization);
  if (secret || (basic && clientId && clientId !== basic.clientId)) throw authenticateOnce();
  return basic;
}

/** The answer to a request that authenticates in two ways. */
export const authenticateOnce = (): HttpError =>
  new HttpError(
    400,
    'invalid_request',
    'Authenticate once: with HTTP Basic, in the body, or with a signed assertion (RFC 6749, section 2.3).',
  );

function basicCredentials(authorization: string): ClientCredentials | undefined {
  const encoded = /^basic +([A-Za-z0-9+/=_-]+)$/i.exec(authorization)?.[1];
  const text = encoded === undefined ? '' : Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 1) return undefined;
  return { clientId: formDecoded(text.slice(0, colon)), secret: formDecoded(text.slice(colon + 1)) };
}

function formDecoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}
