/** Which client ids are addresses of a client metadata document (draft-ietf-oauth-client-id-metadata-document §3). */
import { isIP } from 'node:net';
import { fits } from '../../textBounds.js';

/** The default port where it is written out, which makes the client id another one than without it (§3). */
const DEFAULT_PORT = /(?<=^https:\/\/[^/?#@:[\]]+):443(?=\/)/;

/**
 * The address that a client id is. Client ids are compared as text, never by this address.
 * @returns undefined when it is none: not https, without a path, with a fragment, credentials, dot segments, an IP
 *   address or a name with a final dot for a host, or in a spelling that a URL parser would change, the default port excepted
 */
export function clientIdUrl(clientId: string): URL | undefined {
  if (!clientId.startsWith('https://') || !fits('clientId', clientId) || !URL.canParse(clientId)) return undefined;
  const url = new URL(clientId);
  // One spelling only: what the parser would rewrite (dot segments, upper case, backslashes, a missing path) is refused.
  const plain = url.href === clientId.replace(DEFAULT_PORT, '') && !clientId.includes('#') && !/%2e/i.test(clientId);
  // With a final dot the same host would have a second name, which the lists of the client policy do not know.
  const named = isIP(url.hostname.replace(/^\[|\]$/g, '')) === 0 && !url.hostname.endsWith('.');
  return plain && named && !url.username && !url.password ? url : undefined;
}

/**
 * Whether a host is meant by a list of the client policy.
 * @param list hosts; `*.example.com` means every host below example.com
 * @param host with its port when that is not 443
 */
export function isListed(list: readonly string[], host: string): boolean {
  return list.some((entry) => (entry.startsWith('*.') ? host.endsWith(entry.slice(1)) : host === entry));
}
