/** Redirect URIs (RFC 6749 §3.1.2, RFC 8252 §7): which may be registered, and where they send a person. */
import { isReverseDomainScheme } from '../configFile/redirectSchemes.js';
import { fits } from '../textBounds.js';

const LOOPBACK_HOSTS: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

/** What a host of the web can look like. */
const WEB_HOST = /^([a-z0-9.-]+|\[[0-9a-f:.]+\])$/;

/** Whether a redirect URI stays on the person's own device. */
export const isLoopback = (url: URL): boolean => url.protocol === 'http:' && LOOPBACK_HOSTS.includes(url.hostname);

/**
 * Why a redirect URI cannot be registered.
 * @param knownSchemes private-use schemes that need no dot, without the colon (`clientPolicy.redirectSchemes`)
 * @returns the reason, to stand behind the words "redirect_uris", or undefined when it can
 */
export function redirectUriProblem(uri: unknown, knownSchemes: readonly string[]): string | undefined {
  if (typeof uri !== 'string' || !fits('redirectUri', uri) || /[\s\\\p{Cc}]/u.test(uri) || !URL.canParse(uri))
    return 'must only contain absolute URIs without spaces or backslashes, each of at most 2,000 bytes';
  const url = new URL(uri);
  if (url.hash || uri.endsWith('#')) return 'must not contain fragments';
  if (/^https?:$/.test(url.protocol) && !WEB_HOST.test(url.hostname)) return 'must name a plain host';
  if (url.username || url.password) return 'must not contain user names or passwords';
  if (/^https?:$/.test(url.protocol) && !namesItsHost(uri, url))
    return `must be spelled as browsers understand them, which is here ${url.href}`;
  if (url.protocol === 'http:' && !isLoopback(url))
    return 'must use https:, a loopback address, or a private-use scheme';
  if (!/^https?:$/.test(url.protocol)) return schemeProblem(url.protocol, knownSchemes);
  if (url.protocol === 'https:' && LOOPBACK_HOSTS.includes(url.hostname))
    return 'must use http: for loopback addresses (RFC 8252, section 7.3)';
  return undefined;
}

/** Any other scheme may start a program that is no OAuth client: a shell, an installer, the settings of the device. */
function schemeProblem(protocol: string, knownSchemes: readonly string[]): string | undefined {
  const scheme = protocol.slice(0, -1);
  if (isReverseDomainScheme(scheme) || knownSchemes.includes(scheme)) return undefined;
  return `must not use the scheme ${protocol} (a private-use scheme is a domain name in reverse, as in com.example.app, or one that this server's operator lists)`;
}

/** Whether the text has the host that browsers go to; a name in other letters is shown by its real host (punycode). */
function namesItsHost(uri: string, url: URL): boolean {
  const written = uri.toLowerCase();
  return /^\p{ASCII}+$/u.test(written)
    ? written.startsWith(`${url.protocol}//${url.host}`)
    : /^https?:\/\/[^/]/.test(written);
}

export interface RedirectDestination {
  /** The host, or for a private-use scheme the scheme itself, e.g. `cursor:`. */
  readonly host: string;
  /** The person is sent to something on their own device. */
  readonly local: boolean;
}

/** Where a registered redirect URI sends the person, for the consent page. */
export function redirectDestination(uri: string): RedirectDestination {
  const url = new URL(uri);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return { host: url.protocol, local: true };
  return { host: url.host, local: isLoopback(url) };
}
