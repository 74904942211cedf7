/** Upstream sign-in out of the environment and the configuration file: all of it, or none. */
import { UpstreamSection, type UpstreamSettings } from './accounts/upstream/settings.js';
import { ConfigError } from './configError.js';
import type { ConfigFile } from './configFile.js';
import { isLoopback } from './loopback.js';

const VARIABLES = ['UPSTREAM_ISSUER', 'UPSTREAM_CLIENT_ID', 'UPSTREAM_CLIENT_SECRET'] as const;

type UpstreamVariables = Readonly<Partial<Record<(typeof VARIABLES)[number], string | undefined>>>;

/**
 * Decides whether people can sign in with an upstream OpenID provider, and with which.
 * @param file undefined when it cannot be read; the variables are judged nevertheless
 * @returns undefined without UPSTREAM_ISSUER
 * @throws ConfigError naming the variable that is missing or wrong
 */
export function upstreamSettings(
  environment: UpstreamVariables,
  file: Pick<ConfigFile, 'upstream' | 'passwordSignIn'> | undefined,
): UpstreamSettings | undefined {
  const { UPSTREAM_ISSUER: issuer, UPSTREAM_CLIENT_ID: clientId, UPSTREAM_CLIENT_SECRET: clientSecret } = environment;
  if (issuer === undefined && clientId === undefined && clientSecret === undefined) {
    if (file) demandNoUse(file);
    return undefined;
  }
  if (issuer === undefined || clientId === undefined || clientSecret === undefined) {
    const missing = VARIABLES.filter((name) => environment[name] === undefined);
    throw new ConfigError(
      `${missing.join(' and ')} ${missing.length > 1 ? 'are' : 'is'} missing; set all of ${VARIABLES.join(', ')}, or none of them.`,
    );
  }
  demandIssuer(issuer);
  const section = file?.upstream ?? UpstreamSection.parse({});
  return { ...section, name: section.name ?? new URL(issuer).host, issuer, clientId, clientSecret };
}

/** Settings that only mean something with an upstream must not be forgotten silently. */
function demandNoUse({ upstream, passwordSignIn }: Pick<ConfigFile, 'upstream' | 'passwordSignIn'>): void {
  if (!passwordSignIn)
    throw new ConfigError(
      'UPSTREAM_ISSUER is not set and "passwordSignIn" is false in CONFIG_FILE, so that nobody could sign in; set the variables of the upstream, or "passwordSignIn" to true.',
    );
  if (upstream)
    throw new ConfigError(
      'UPSTREAM_ISSUER is not set and CONFIG_FILE has a section "upstream"; set the variables of the upstream, or remove the section.',
    );
}

function demandIssuer(issuer: string): void {
  const url = URL.canParse(issuer) ? new URL(issuer) : undefined;
  const plain = url && url.search === '' && url.hash === '' && url.username === '' && url.password === '';
  if (!plain || !/^https?:$/.test(url.protocol))
    throw new ConfigError(
      'UPSTREAM_ISSUER must be the issuer of an OpenID provider, an https:// URL without query, fragment and credentials.',
    );
  if (url.protocol === 'http:' && !isLoopback(url.hostname))
    throw new ConfigError(`UPSTREAM_ISSUER must be an https:// URL outside this machine, and is ${issuer}.`);
}
