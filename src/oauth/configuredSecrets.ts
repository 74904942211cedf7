/** Secrets that stand in the configuration file: how a client that has one or two of them authenticates. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { secretsMeant } from './clientSecret.js';

interface Configured {
  readonly clientId: string;
  readonly clientSecrets: readonly string[];
}

const digest = (secret: string): Buffer => createHash('sha256').update(secret).digest();

/** A configured secret as its SHA-256: `sha256:` and the hash in hex or base64(url), or the secret in clear. */
export function configuredDigest(secret: string): Buffer {
  const hash = /^sha256:(.+)$/.exec(secret)?.[1];
  if (hash === undefined) return digest(secret);
  return /^[0-9a-f]{64}$/i.test(hash) ? Buffer.from(hash, 'hex') : Buffer.from(hash, 'base64');
}

export interface ConfiguredSecrets {
  /**
   * The SHA-256 of the one of a client's secrets that is presented (RFC 6749 §2.3.1); undefined when it is none of
   * them. An unknown client takes the same time.
   */
  digestOf(clientId: string, secret: string): Buffer | undefined;
  /** The SHA-256 of each secret that a client has now. */
  digests(clientId: string): readonly Buffer[];
}

/** @param clients the configured clients with their secrets */
export function configuredSecrets(clients: readonly Configured[]): ConfiguredSecrets {
  const known = new Map(clients.map((client) => [client.clientId, client.clientSecrets.map(configuredDigest)]));
  return {
    digestOf: (clientId, secret) => {
      const presented = secretsMeant(secret).map(digest);
      const expected = known.get(clientId) ?? [Buffer.alloc(32)];
      // Hashes of equal length are compared in constant time, and for an unknown id the work is the same.
      const matches = expected.map((one) => presented.map((actual) => timingSafeEqual(one, actual)).includes(true));
      return expected[matches.indexOf(true)];
    },
    digests: (clientId) => known.get(clientId) ?? [],
  };
}
