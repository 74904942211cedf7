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

/**
 * A check of credentials against the configuration.
 * @param clients the configured clients with their secrets
 * @returns whether a secret is one of a client's (RFC 6749 §2.3.1); an unknown client takes the same time
 */
export function configuredSecrets(clients: readonly Configured[]): (clientId: string, secret: string) => boolean {
  const digests = new Map(clients.map((client) => [client.clientId, client.clientSecrets.map(configuredDigest)]));
  return (clientId, secret) => {
    const presented = secretsMeant(secret).map(digest);
    // Hashes of equal length are compared in constant time, and for an unknown id the work is the same.
    const matches = (digests.get(clientId) ?? [Buffer.alloc(32)]).flatMap((expected) =>
      presented.map((actual) => timingSafeEqual(expected, actual)),
    );
    return matches.includes(true);
  };
}
