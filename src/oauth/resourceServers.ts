/** The resource servers of the configuration: how they authenticate (RFC 6749 §2.3.1), and what they may do. */
import { canonicalResource } from '../canonicalResource.js';
import type { ResourceServer } from '../configFile/confidentialClients.js';
import type { ConfigFile } from '../configFile.js';
import { configuredSecrets } from './configuredSecrets.js';

export interface AuthenticatedResourceServer {
  readonly clientId: string;
  /** Whether tokens of this audience are this server's business. */
  serves(audience: string): boolean;
  /** The scopes that it may get by exchange for another resource; undefined when it may get none (RFC 8693). */
  exchangeableScopes(resource: string): readonly string[] | undefined;
}

export interface ResourceServers {
  /** The resource server that these credentials belong to; undefined when they are wrong. */
  authenticate(clientId: string, secret: string): AuthenticatedResourceServer | undefined;
  /** A resource server by its id, once it is authenticated otherwise. */
  identify(clientId: string): AuthenticatedResourceServer | undefined;
  /** Those that may exchange tokens: clients of the token endpoint. */
  readonly exchanging: readonly string[];
  /** What the servers of a resource may do elsewhere with a client's token; the consent page names it. */
  exchangesOf(audience: string): readonly { readonly resource: string; readonly scopes: readonly string[] }[];
}

function identityOf(server: ResourceServer): AuthenticatedResourceServer {
  // As the configuration spells them too, which is how tokens name them: a URL takes long to parse.
  const audiences = new Set([...server.resources, ...server.resources.map(canonicalResource)]);
  const exchanges = new Map(server.exchangeFor.map((entry) => [canonicalResource(entry.resource), entry.scopes]));
  return {
    clientId: server.clientId,
    serves: (audience) => audiences.has(audience) || audiences.has(canonicalResource(audience)),
    exchangeableScopes: (resource) => exchanges.get(canonicalResource(resource)),
  };
}

/** Reads them from the configuration file. */
export function createResourceServers(file: ConfigFile): ResourceServers {
  const servers = new Map(file.resourceServers.map((server) => [server.clientId, identityOf(server)]));
  const secretIsRight = configuredSecrets(file.resourceServers);
  return {
    authenticate: (clientId, secret) => (secretIsRight(clientId, secret) ? servers.get(clientId) : undefined),
    identify: (clientId) => servers.get(clientId),
    exchanging: file.resourceServers.filter((s) => s.exchangeFor.length > 0).map((s) => s.clientId),
    exchangesOf: (audience) =>
      file.resourceServers.flatMap((s) => (identityOf(s).serves(audience) ? s.exchangeFor : [])),
  };
}
