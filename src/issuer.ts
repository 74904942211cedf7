/** The issuer identifier (RFC 8414 §2): one exact spelling, because clients compare it letter for letter. */
import { ConfigError } from './configError.js';
import { isLoopback } from './loopback.js';

/** The issuer as it is advertised, and what follows from it. */
export interface Issuer {
  /** Byte for byte as configured, with a final slash where the operator wants one. */
  readonly identifier: string;
  /** Everything is served below this address: the identifier without a final slash. */
  readonly baseUrl: string;
  /** Its path without a final slash: `''` at the root. */
  readonly basePath: string;
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
  const issuer = parseIssuer(value ?? `http://localhost:${port}`, 'ISSUER');
  if (production && issuer.url.protocol !== 'https:' && !isLoopback(issuer.url.hostname))
    throw new ConfigError(`ISSUER must be an https:// URL in production, and is ${issuer.identifier}.`);
  return issuer;
}

/**
 * The further addresses under which this server is an issuer for clients.
 * @param values of `issuerAliases` in the configuration file
 * @param issuer whose aliases they are
 * @throws ConfigError for one of another origin: sign-in and consent live at the issuer's, with its cookies and form tokens
 */
export function usableAliases(values: readonly string[], issuer: Issuer): Issuer[] {
  const taken = new Set([issuer.baseUrl]);
  return values.map((value) => {
    const alias = parseIssuer(value, 'issuerAliases: each');
    if (alias.url.origin !== issuer.url.origin)
      throw new ConfigError(
        `issuerAliases: "${value}" must have the origin of ISSUER, ${issuer.url.origin}, since people sign in and consent there: name an address of that origin with another path or none.`,
      );
    if (alias.basePath.split('/').includes('.well-known'))
      throw new ConfigError(`issuerAliases: "${value}" must not be below /.well-known, where metadata is looked for.`);
    if (taken.has(alias.baseUrl))
      throw new ConfigError(`issuerAliases: "${value}" is ISSUER itself or named twice; remove it.`);
    taken.add(alias.baseUrl);
    return alias;
  });
}

/**
 * Whether this server is meant by an issuer identifier: its own, or an alias of it.
 * @param identifier compared byte for byte (RFC 8414 §2), e.g. the audience of a client's assertion
 */
export const isOwnIssuer = ({ issuers }: { readonly issuers: readonly Issuer[] }, identifier: unknown): boolean =>
  issuers.some((issuer) => issuer.identifier === identifier);

function parseIssuer(value: string, name: string): Issuer {
  if (!/^https?:\/\/./i.test(value) || !URL.canParse(value))
    throw new ConfigError(`${name} must be an absolute URL such as https://auth.example.com, and is "${value}".`);
  const url = new URL(value);
  const basePath = url.pathname.replace(/\/$/, '');
  const baseUrl = url.origin + basePath;
  if (/\/\/|%/.test(url.pathname))
    throw new ConfigError(`${name} must have a plain path without // and %, and is "${value}".`);
  if (value !== baseUrl && value !== `${baseUrl}/`)
    throw new ConfigError(
      `${name} must be an http(s) URL in lower case without query, fragment, credentials or default port: "${baseUrl}" instead of "${value}".`,
    );
  return { identifier: value, baseUrl, basePath, url };
}
