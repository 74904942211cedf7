/**
 * What a request is offered in each organization: what the client asks for, and what the same client was granted there
 * before for the same resource. Clients that step up name the missing scope alone, and use the new token for everything.
 */
import type { Resource } from '../configFile/resources.js';
import { connectionsWith } from '../connections/replacement.js';
import { type Connection, MOST_REPLACED } from '../stores/records/connection.js';
import { exchangesToShow, shownScopes, stillOffered } from './connectionNow.js';
import type { ConsentRequest } from './consentRequest.js';
import type { OauthContext } from './context.js';
import { OFFLINE_ACCESS, scopeDescription } from './resources.js';

/** Something that the client will be able to do. */
export interface Ability {
  readonly scope: string;
  readonly description: string;
  /** Whether it is more than a connection there gives already; undefined where there is none. */
  readonly isNew?: boolean;
}

export interface Offer {
  /** What would be granted, separated by spaces: what is asked for, then what is kept. */
  readonly scope: string;
  /** What the resource's servers could get elsewhere in exchange for tokens of this scope. */
  readonly exchanges: ReturnType<typeof exchangesToShow>;
  /** The same for people. */
  readonly abilities: readonly Ability[];
  /** The ids of the connections that would be marked as replaced. */
  readonly replaces: readonly string[];
}

export interface Offers {
  /** What is offered where the client is not connected. */
  readonly asked: Offer;
  /** What is offered instead in organizations where it is, by the organization's id. */
  readonly connected: ReadonlyMap<string, Offer>;
}

/** What is offered of a request without looking at what was granted before. */
export const offerAsked = ({ resource, scope, exchanges }: ConsentRequest): Offer => ({
  scope,
  exchanges,
  abilities: abilitiesOf(resource, scope, exchanges),
  replaces: [],
});

/**
 * What a request is offered, in each organization of a person.
 * @param accountId who is asked
 */
export async function offersOf(oauth: OauthContext, request: ConsentRequest, accountId: string): Promise<Offers> {
  const { client, resource } = request;
  const older = new Map<string, Connection[]>();
  for (const one of await connectionsWith(oauth.stores.durable, accountId, client.id))
    if (oauth.resources.find(one.resource) === resource)
      older.set(one.organizationId, [...(older.get(one.organizationId) ?? []), one]);
  const connected = new Map([...older].map(([id, granted]) => [id, offerBeside(oauth, request, granted)]));
  return { asked: offerAsked(request), connected };
}

/** What is offered in one organization. */
export const offerIn = ({ asked, connected }: Offers, organizationId: string): Offer =>
  connected.get(organizationId) ?? asked;

function offerBeside(oauth: OauthContext, request: ConsentRequest, granted: readonly Connection[]): Offer {
  const { client, resource } = request;
  const before = granted.flatMap(({ scope }) => stillOffered(resource, scope).split(' ')).filter(Boolean);
  const kept = before.filter((name) => client.refreshable || name !== OFFLINE_ACCESS);
  const scope = [...new Set([...request.scope.split(' '), ...kept])].join(' ');
  const exchanges = exchangesToShow(oauth, resource, scope);
  const isKnown = (name: string, target: Resource): boolean =>
    target === resource
      ? before.includes(name)
      : granted.some((one) => shownScopes(oauth, one, target)?.includes(name) ?? false);
  return {
    scope,
    exchanges,
    abilities: abilitiesOf(resource, scope, exchanges, isKnown),
    replaces: granted
      .filter(({ replacedBy }) => replacedBy === undefined)
      .map(({ id }) => id)
      .slice(0, MOST_REPLACED),
  };
}

/** By the client's own scopes, and through what the resource's servers may exchange for. */
function abilitiesOf(
  resource: Resource,
  scope: string,
  exchanges: Offer['exchanges'],
  isKnown?: (name: string, target: Resource) => boolean,
): Ability[] {
  const ability = (name: string, target: Resource, through = ''): Ability => ({
    scope: name,
    description: (scopeDescription(target, name) ?? name) + through,
    ...(isKnown && { isNew: !isKnown(name, target) }),
  });
  const own = scope.split(' ').map((name) => ability(name, resource));
  const reached = exchanges.flatMap(({ target, scopes }) =>
    scopes.map((name) => ability(name, target, ` (${target.name}, through ${resource.name})`)),
  );
  return [...own, ...reached];
}
