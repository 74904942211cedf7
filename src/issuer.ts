/** The issuer identifier (RFC 8414 §2): one exact spelling, because clients compare it letter for letter. */
import { ConfigError } from './configError.js';
import { isLoopback } from './loopback.js';

/**
 * The issuer that may be used.
 * @param value of ISSUER; without one it is this machine's, outside production
 * @param port of the server
 * @throws ConfigError saying how it must be spelled, or that production needs https
 */
export function usableIssuer(value: string | undefined, port: number, production: boolean): URL {
  if (production && value === undefined)
    throw new ConfigError('ISSUER is required in production: the https:// address of this server as clients know it.');
  const issuer = parseIssuer(value ?? `http://localhost:${port}`);
  if (production && issuer.protocol !== 'https:' && !isLoopback(issuer.hostname))
    throw new ConfigError(`ISSUER must be an https:// URL in production, and is ${issuer.href}.`);
  return issuer;
}

function parseIssuer(value: string): URL {
  if (!/^https?:\/\/./i.test(value) || !URL.canParse(value))
    throw new ConfigError(`ISSUER must be an absolute URL such as https://auth.example.com, and is "${value}".`);
  const url = new URL(value);
  const exact = url.pathname === '/' ? url.origin : url.origin + url.pathname;
  if (/\/\/|%/.test(url.pathname))
    throw new ConfigError(`ISSUER must have a plain path without // and %, and is "${value}".`);
  if (value !== exact || value.endsWith('/'))
    throw new ConfigError(
      `ISSUER must be an http(s) URL in lower case without query, fragment, credentials, default port or trailing slash: "${exact.replace(/\/+$/, '')}" instead of "${value}".`,
    );
  return url;
}
