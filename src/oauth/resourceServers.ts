/** The resource servers of the configuration: how they authenticate (RFC 6749 §2.3.1), and what they may do. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { canonicalResource } from '../canonicalResource.js';
import type { ConfigFile, ResourceServer } from '../configFile.js';
import { secretsMeant } from './clientSecret.js';

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

const digest = (secret: string): Buffer => createHash('sha256').update(secret).digest();

/** A configured secret as its SHA-256: `sha256:` and the hash in hex or base64(url), or the secret in clear. */
function configuredDigest(secret: string): Buffer {
  const hash = /^sha256:(.+)$/.exec(secret)?.[1];
  if (hash === undefined) return digest(secret);
  return /^[0-9a-f]{64}$/i.test(hash) ? Buffer.from(hash, 'hex') : Buffer.from(hash, 'base64');
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

export function createResourceServers(file: ConfigFile): ResourceServers {
  const servers = new Map(
    file.resourceServers.map((server) => [
      server.clientId,
      { secrets: server.clientSecrets.map(configuredDigest), identity: identityOf(server) },
    ]),
  );
  return {
    authenticate(clientId, secret) {
      const server = servers.get(clientId);
      const presented = secretsMeant(secret).map(digest);
      // Hashes of equal length are compared in constant time, and for an unknown id the work is the same.
      const matches = (server?.secrets ?? [Buffer.alloc(32)]).flatMap((expected) =>
        presented.map((actual) => timingSafeEqual(expected, actual)),
      );
      return matches.includes(true) ? server?.identity : undefined;
    },
    identify: (clientId) => servers.get(clientId)?.identity,
    exchanging: file.resourceServers.filter((s) => s.exchangeFor.length > 0).map((s) => s.clientId),
    exchangesOf: (audience) =>
      file.resourceServers.flatMap((s) => (identityOf(s).serves(audience) ? s.exchangeFor : [])),
  };
}
