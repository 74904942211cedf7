/** The resources that tokens are for (RFC 8707) and the scopes that a client can be granted for them. */
import { canonicalResource } from '../canonicalResource.js';
import type { Resource } from '../configFile/resources.js';
import type { ConfigFile } from '../configFile.js';

/** Scopes of this server itself, beside those of each resource, in words for the consent page. */
export const OPENID_SCOPES: Readonly<Record<string, string>> = {
  openid: 'Know which account you are',
  profile: 'See your name',
  email: 'See your email address',
  offline_access: 'Stay connected until this connection ends',
};

/** Asks for what each client gets that may refresh (OpenID Connect Core §11). */
export const OFFLINE_ACCESS = 'offline_access';

export interface Resources {
  /** The configured resource that this indicator names, in whatever equivalent spelling: what is stored and configured. */
  find(indicator: string): Resource | undefined;
  /**
   * The configured resource that a request means: clients add a query (opencode) or a final slash (Codex), so one that
   * differs from exactly one resource by these is that one. What was granted is never looked up like this: it must not
   * become another resource's by a change of the configuration.
   */
  asked(indicator: string): Resource | undefined;
  /** The resource of a request that names none. */
  readonly fallback: Resource;
  /** Every scope that can be granted. */
  readonly scopes: readonly string[];
  /** Those that the metadata names: without the ones that each resource that has them hides. */
  readonly advertised: readonly string[];
}

/**
 * Reads them from the configuration file.
 * @throws Error when the default resource is none of them, which the file's schema excludes
 */
export function createResources(file: ConfigFile): Resources {
  const byCanonical = new Map(file.resources.map((resource) => [canonicalResource(resource.indicator), resource]));
  // As the operator spells it, which is how connections name it, nothing has to be parsed.
  const byIndicator = new Map(file.resources.map((resource) => [resource.indicator, resource]));
  const find = (indicator: string): Resource | undefined =>
    byIndicator.get(indicator) ?? byCanonical.get(canonicalResource(indicator) ?? '');
  const asked = (indicator: string): Resource | undefined => {
    const exact = find(indicator);
    const base = exact ? undefined : baseOf(indicator);
    if (base === undefined) return exact;
    const [only, ...others] = file.resources.filter((resource) => baseOf(resource.indicator) === base);
    return others.length === 0 ? only : undefined;
  };
  const fallback = find(file.defaultResource);
  if (!fallback) throw new Error(`defaultResource ${file.defaultResource} is not one of the resources`);
  const withOpenid = (names: string[]): string[] => [...new Set([...names, ...Object.keys(OPENID_SCOPES)])];
  const all = file.resources.flatMap((r) => Object.keys(r.scopes));
  const shown = file.resources.flatMap((r) => Object.keys(r.scopes).filter((name) => !r.hiddenScopes.includes(name)));
  return { find, asked, fallback, scopes: withOpenid(all), advertised: withOpenid(shown) };
}

/** A resource indicator without its query and one final slash of its path; undefined for what is none. */
function baseOf(indicator: string): string | undefined {
  const canonical = canonicalResource(indicator);
  if (canonical === undefined) return undefined;
  const { origin, pathname } = new URL(canonical);
  return origin + pathname.replace(/\/$/, '');
}

/** What a scope lets the client do, in words; undefined for a scope that the resource does not have. */
export function scopeDescription(resource: Resource, scope: string): string | undefined {
  return Object.hasOwn(resource.scopes, scope) ? resource.scopes[scope] : own(scope);
}

const own = (scope: string): string | undefined =>
  Object.hasOwn(OPENID_SCOPES, scope) ? OPENID_SCOPES[scope] : undefined;

/**
 * The scopes of a request that the resource or this server has, each once, in the order asked.
 * @param requested the request's `scope` parameter
 */
export function knownScopes(resource: Resource, requested: string | undefined): string[] {
  const asked = new Set((requested ?? '').split(' '));
  return [...asked].filter((scope) => scopeDescription(resource, scope) !== undefined);
}

/**
 * The scopes that a request may be granted: unknown ones are dropped; where the request names none of the resource's
 * own, its default scopes are added (RFC 6749 §3.3), since a token without them could do nothing there.
 * @param requested the request's `scope` parameter
 * @param refreshable whether a refresh token is issued with the code; `offline_access` means nothing without one
 * @returns the scopes separated by spaces, each once, in the order asked
 */
export function grantableScope(resource: Resource, requested: string | undefined, refreshable: boolean): string {
  const known = knownScopes(resource, requested).filter((scope) => refreshable || scope !== OFFLINE_ACCESS);
  const capable = known.some((scope) => Object.hasOwn(resource.scopes, scope));
  return [...(capable ? [] : resource.defaultScopes), ...known].join(' ');
}
