/** The keys that sign id_tokens: made at first start, sealed at rest, published as JWKS (RFC 7517). */
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose';
import type { JWK } from 'oidc-provider';
import type { Config } from '../config.js';
import { seal, unseal } from '../sealing.js';
import { insert } from '../stores/durable.js';
import { type SigningKey, signingKeys } from '../stores/records/signingKey.js';
import type { Stores } from '../stores/stores.js';

const CONTEXT = 'signing key';

/**
 * The private signing keys, the one to sign with first; an empty store gets its first key.
 * @throws when no ENCRYPTION_KEY opens them
 */
export async function loadSigningKeys(config: Config, stores: Stores): Promise<JWK[]> {
  const stored = await stores.durable.list(signingKeys, 'byCreation', [], { reverse: true });
  if (stored.length === 0) {
    await stores.durable.commit([insert(signingKeys, await newSigningKey(config))]);
    return loadSigningKeys(config, stores);
  }
  return stored.map((key) => JSON.parse(unseal(config.encryptionKeys, CONTEXT, key.sealedJwk)) as JWK);
}

async function newSigningKey(config: Config): Promise<SigningKey> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true, modulusLength: 2_048 });
  const jwk = await exportJWK(privateKey);
  const kid = await calculateJwkThumbprint(jwk);
  const sealedJwk = seal(config.encryptionKeys, CONTEXT, JSON.stringify({ ...jwk, kid, alg: 'RS256', use: 'sig' }));
  return { id: kid, alg: 'RS256', sealedJwk, createdAt: Date.now() };
}
