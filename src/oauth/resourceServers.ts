/** The resource servers of the configuration and how they authenticate (RFC 6749 §2.3.1). */
import { createHash, timingSafeEqual } from 'node:crypto';
import { canonicalResource } from '../canonicalResource.js';
import type { ConfigFile } from '../configFile.js';

export interface AuthenticatedResourceServer {
  readonly clientId: string;
  /** Whether tokens of this audience are this server's business. */
  serves(audience: string): boolean;
}

export interface ResourceServers {
  /** The resource server that these credentials belong to; undefined when they are wrong. */
  authenticate(clientId: string, secret: string): AuthenticatedResourceServer | undefined;
}

const digest = (secret: string): Buffer => createHash('sha256').update(secret).digest();

/** A configured secret as its SHA-256: `sha256:` and the hash in hex or base64(url), or the secret in clear. */
function configuredDigest(secret: string): Buffer {
  const hash = /^sha256:(.+)$/.exec(secret)?.[1];
  if (hash === undefined) return digest(secret);
  return /^[0-9a-f]{64}$/i.test(hash) ? Buffer.from(hash, 'hex') : Buffer.from(hash, 'base64');
}

export function createResourceServers(file: ConfigFile): ResourceServers {
  const servers = new Map(
    file.resourceServers.map((server) => {
      const audiences = new Set(server.resources.map(canonicalResource));
      const secrets = server.clientSecrets.map(configuredDigest);
      const serves = (audience: string) => audiences.has(canonicalResource(audience));
      return [server.clientId, { secrets, identity: { clientId: server.clientId, serves } }];
    }),
  );
  return {
    authenticate(clientId, secret) {
      const server = servers.get(clientId);
      const presented = digest(secret);
      // Hashes of equal length are compared in constant time, and for an unknown id the work is the same.
      const matches = (server?.secrets ?? [Buffer.alloc(32)]).map((expected) => timingSafeEqual(expected, presented));
      return matches.includes(true) ? server?.identity : undefined;
    },
  };
}
