/** Client credentials of a request: HTTP Basic or in the form body, never both (RFC 6749 §2.3). */

export interface ClientCredentials {
  readonly clientId: string;
  readonly secret: string;
}

/** `undefined`: none given; `'malformed'`: given wrongly, or in both places. */
export type PresentedCredentials = ClientCredentials | undefined | 'malformed';

/**
 * Reads client credentials. In HTTP Basic, id and secret are form-encoded (RFC 6749 §2.3.1); clients that leave the
 * encoding out are understood where the text has nothing to decode.
 * @param authorization the Authorization header
 * @param form the form's fields
 */
export function clientCredentials(authorization: string | undefined, form: URLSearchParams): PresentedCredentials {
  const secret = form.get('client_secret');
  if (authorization === undefined || authorization === '') {
    const clientId = form.get('client_id');
    return clientId && secret ? { clientId, secret } : undefined;
  }
  const basic = basicCredentials(authorization);
  const namedInBody = form.get('client_id') ?? basic?.clientId;
  return !basic || secret !== null || namedInBody !== basic.clientId ? 'malformed' : basic;
}

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
