/** The issuer identifier (RFC 8414 §2): one exact spelling, because clients compare it letter for letter. */
import { ConfigError } from './configError.js';
import { isLoopback } from './loopback.js';

/** The issuer as it is advertised, and what follows from it. */
export interface Issuer {
  /** Byte for byte as configured, with a final slash where the operator wants one. */
  readonly identifier: string;
  /** Everything is served below this address: the identifier without a final slash. */
  readonly baseUrl: string;
  readonly url: URL;
}

/**
 * The issuer that may be used.
 * @param value of ISSUER; without one it is this machine's, outside production
 * @param port of the server
 * @throws ConfigError saying how it must be spelled, or that production needs https
 */
export function usableIssuer(value: string | undefined, port: number, production: boolean): Issuer {
  if (production && value === undefined)
    throw new ConfigError('ISSUER is required in production: the https:// address of this server as clients know it.');
  const issuer = parseIssuer(value ?? `http://localhost:${port}`);
  if (production && issuer.url.protocol !== 'https:' && !isLoopback(issuer.url.hostname))
    throw new ConfigError(`ISSUER must be an https:// URL in production, and is ${issuer.identifier}.`);
  return issuer;
}

function parseIssuer(value: string): Issuer {
  if (!/^https?:\/\/./i.test(value) || !URL.canParse(value))
    throw new ConfigError(`ISSUER must be an absolute URL such as https://auth.example.com, and is "${value}".`);
  const url = new URL(value);
  const baseUrl = url.origin + url.pathname.replace(/\/$/, '');
  if (/\/\/|%/.test(url.pathname))
    throw new ConfigError(`ISSUER must have a plain path without // and %, and is "${value}".`);
  if (value !== baseUrl && value !== `${baseUrl}/`)
    throw new ConfigError(
      `ISSUER must be an http(s) URL in lower case without query, fragment, credentials or default port: "${baseUrl}" instead of "${value}".`,
    );
  return { identifier: value, baseUrl, url };
}
