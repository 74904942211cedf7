/**
 * What a connection gives now: what its person was shown at consent, as far as the configuration still has it. The
 * configuration changes only between two runs of the server, so each decision is made from maps that are made at start.
 */
import type { Resource } from '../configFile/resources.js';
import { type ConnectionEnds, type ConnectionUse, usableConnection } from '../connections/usableConnection.js';
import type { ConfigurationRefusal, ConnectionRefusal } from '../http/refusal.js';
import type { Connection, ShownExchange } from '../stores/records/connection.js';
import type { OauthContext } from './context.js';
import { reachedScopes } from './resourceServers.js';
import { scopeDescription } from './resources.js';
import type { AccessToken } from './tokens/accessTokenRecord.js';

/** What the configuration leaves of a connection. */
export type Left =
  | { readonly refusal?: never; readonly resource: Resource; readonly scope: string }
  | { readonly refusal: Exclude<ConfigurationRefusal, 'exchange-gone'> };

export type ConnectionNow =
  | (Extract<ConnectionUse, { usable: true }> & {
      readonly resource: Resource;
      /** What was granted, without the scopes that the resource does not have any more. */
      readonly scope: string;
    })
  | { readonly usable: false; readonly reason: ConnectionRefusal };

type Configured = Pick<OauthContext, 'resources' | 'resourceServers' | 'preRegistered'>;

/**
 * What the configuration of now leaves of what was granted.
 * @returns the resource and the scopes that are left, or why nothing is
 */
export function leftOf(oauth: Configured, connection: Connection): Left {
  if (connection.preRegistered && !oauth.preRegistered.has(connection.clientId)) return { refusal: 'client-gone' };
  const resource = oauth.resources.find(connection.resource);
  if (!resource) return { refusal: 'resource-gone' };
  const scope = stillOffered(resource, connection.scope);
  return scope === '' ? { refusal: 'scope-gone' } : { resource, scope };
}

/**
 * Decides whether a connection has its power now, by the MCP access policy and by the configuration.
 * @throws StoreUnavailableError when it cannot be known
 */
export async function connectionNow(
  oauth: Configured & Pick<OauthContext, 'stores'>,
  ends: ConnectionEnds,
): Promise<ConnectionNow> {
  const use = await usableConnection(oauth.stores, ends);
  if (!use.usable) return use;
  const left = leftOf(oauth, use.connection);
  return left.refusal === undefined
    ? { ...use, resource: left.resource, scope: left.scope }
    : { usable: false, reason: left.refusal };
}

/**
 * A scope text without what the resource does not have any more.
 * @returns the very same text when it has everything; an empty one when no scope of the resource is left: what is, such as
 *   `openid`, lets nobody do anything there
 */
export function stillOffered(resource: Resource, scope: string): string {
  const left = kept(scope, (name) => scopeDescription(resource, name) !== undefined);
  return left === scope || left.split(' ').some((name) => Object.hasOwn(resource.scopes, name)) ? left : '';
}

/**
 * The scopes that an access token of a usable connection has now.
 * @returns separated by spaces; empty when none is left, so that the token is none any more
 */
export function tokenScopeNow(
  { resources, resourceServers }: Configured,
  { connection, resource, scope }: Extract<ConnectionNow, { usable: true }>,
  access: AccessToken,
): string {
  if (access.actor === undefined) return stillOffered(resource, access.scope);
  const server = resourceServers.identify(access.actor);
  const target = resources.find(access.audience);
  const entry = server?.serves(resource.indicator) ? server.exchangeFor(access.audience) : undefined;
  if (!entry || !target) return '';
  const reached = reachedScopes(entry, resource, scope, scope);
  const shown = shownScopes({ resources }, connection, target);
  return kept(access.scope, (name) => reached.includes(name) && (shown?.includes(name) ?? true));
}

/**
 * The scopes of another resource that the consent page of a connection named.
 * @returns undefined where that was not noted, as versions before did: the month of such a connection is the last one
 */
export function shownScopes(
  { resources }: Pick<OauthContext, 'resources'>,
  { exchanges }: Connection,
  target: Resource,
): readonly string[] | undefined {
  return exchanges?.flatMap((one) => (resources.find(one.resource) === target ? one.scope.split(' ') : []));
}

/** What the servers of a resource may get elsewhere for tokens with these scopes: the page names it, the connection notes it. */
export function exchangesToShow(
  { resources, resourceServers }: Configured,
  resource: Resource,
  scope: string,
): { readonly target: Resource; readonly scopes: readonly string[] }[] {
  const scopes = new Map<Resource, Set<string>>();
  for (const { resource: indicator, entry } of resourceServers.exchangesOf(resource.indicator)) {
    const target = resources.find(indicator);
    const reached = reachedScopes(entry, resource, scope, scope);
    if (target && reached.length > 0) scopes.set(target, new Set([...(scopes.get(target) ?? []), ...reached]));
  }
  return [...scopes].map(([target, names]) => ({ target, scopes: [...names] }));
}

/** As a connection notes it. */
export const noted = (exchanges: ReturnType<typeof exchangesToShow>): ShownExchange[] =>
  exchanges.map(({ target, scopes }) => ({ resource: target.indicator, scope: scopes.join(' ') }));

function kept(scope: string, holds: (name: string) => boolean): string {
  const names = scope.split(' ');
  return names.every(holds) ? scope : names.filter(holds).join(' ');
}
