/** The resource servers of the configuration: how they authenticate (RFC 6749 §2.3.1), and what they may do. */
import { canonicalResource } from '../canonicalResource.js';
import type { ResourceServer } from '../configFile/confidentialClients.js';
import type { Resource } from '../configFile/resources.js';
import type { ConfigFile } from '../configFile.js';
import { configuredSecrets } from './configuredSecrets.js';

export interface AuthenticatedResourceServer {
  readonly clientId: string;
  /** Whether tokens of this audience are this server's business. */
  serves(audience: string): boolean;
  /** What it may get by exchange for another resource; undefined when it may get nothing (RFC 8693). */
  exchangeFor(resource: string): readonly ExchangeScope[] | undefined;
}

/** A scope of another resource that a server may get in exchange for a token. */
export interface ExchangeScope {
  readonly name: string;
  /** The scopes that the token must have for it; undefined for all that its connection was granted for the resource. */
  readonly needs: readonly string[] | undefined;
}

/**
 * The scopes that a token reaches by an exchange, never more than it stands for itself (RFC 8693 §2.1).
 * @param resource what the token is for
 * @param held the token's scopes, separated by spaces
 * @param granted those of its connection
 */
export function reachedScopes(
  entry: readonly ExchangeScope[],
  resource: Resource,
  held: string,
  granted: string,
): string[] {
  const own = held.split(' ');
  // Scopes of this server itself, such as openid, say nothing of what may be done at a resource.
  const whole = granted.split(' ').filter((scope) => Object.hasOwn(resource.scopes, scope));
  const reaches = ({ name, needs = whole }: ExchangeScope): boolean =>
    needs.every((scope) => own.includes(scope)) &&
    // By one name the operator means one thing.
    (!Object.hasOwn(resource.scopes, name) || own.includes(name));
  return entry.filter(reaches).map(({ name }) => name);
}

export interface ResourceServers {
  /** The resource server that these credentials belong to; undefined when they are wrong. */
  authenticate(clientId: string, secret: string): AuthenticatedResourceServer | undefined;
  /** A resource server by its id, once it is authenticated otherwise. */
  identify(clientId: string): AuthenticatedResourceServer | undefined;
  /** Those that may exchange tokens: clients of the token endpoint. */
  readonly exchanging: readonly string[];
  /** What the servers of a resource may do elsewhere with a client's token; the consent page names it. */
  exchangesOf(audience: string): readonly { readonly resource: string; readonly entry: readonly ExchangeScope[] }[];
}

const entryOf = ({ scopes }: ResourceServer['exchangeFor'][number]): readonly ExchangeScope[] =>
  Array.isArray(scopes)
    ? scopes.map((name) => ({ name, needs: undefined }))
    : Object.entries(scopes).map(([name, needs]) => ({ name, needs }));

function identityOf(server: ResourceServer): AuthenticatedResourceServer {
  // As the configuration spells them too, which is how tokens name them: a URL takes long to parse.
  const audiences = new Set([...server.resources, ...server.resources.map(canonicalResource)]);
  const exchanges = new Map(server.exchangeFor.map((one) => [canonicalResource(one.resource), entryOf(one)]));
  return {
    clientId: server.clientId,
    serves: (audience) => audiences.has(audience) || audiences.has(canonicalResource(audience)),
    exchangeFor: (resource) => exchanges.get(canonicalResource(resource)),
  };
}

/** Reads them from the configuration file. */
export function createResourceServers(file: ConfigFile): ResourceServers {
  const servers = new Map(file.resourceServers.map((server) => [server.clientId, identityOf(server)]));
  const secrets = configuredSecrets(file.resourceServers);
  return {
    authenticate: (clientId, secret) => (secrets.digestOf(clientId, secret) ? servers.get(clientId) : undefined),
    identify: (clientId) => servers.get(clientId),
    exchanging: file.resourceServers.filter((s) => s.exchangeFor.length > 0).map((s) => s.clientId),
    exchangesOf: (audience) =>
      file.resourceServers.flatMap((server) =>
        servers.get(server.clientId)?.serves(audience)
          ? server.exchangeFor.map((one) => ({ resource: one.resource, entry: entryOf(one) }))
          : [],
      ),
  };
}
