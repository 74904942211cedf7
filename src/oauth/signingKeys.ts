/** The keys that sign id_tokens and JWT access tokens: made at first start, sealed at rest, published as JWKS (RFC 7517). */
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose';
import type { JWK } from 'oidc-provider';
import type { Config } from '../config.js';
import { seal, unseal } from '../sealing.js';
import { insert } from '../stores/durable.js';
import { type SigningKey, signingKeys } from '../stores/records/signingKey.js';
import type { Stores } from '../stores/stores.js';
import type { SigningAlg } from './tokens/signedToken.js';

const CONTEXT = 'signing key';

/**
 * The private signing keys, newest first; algorithms that have none yet get their first key.
 * @throws when no ENCRYPTION_KEY opens them
 */
export async function loadSigningKeys(config: Config, stores: Stores): Promise<JWK[]> {
  const stored = await stores.durable.list(signingKeys, 'byCreation', [], { reverse: true });
  const missing = algorithmsInUse(config).filter((alg) => !stored.some((key) => key.alg === alg));
  if (missing.length > 0) {
    const made = await Promise.all(missing.map((alg) => newSigningKey(config, alg)));
    await stores.durable.commit(made.map((key) => insert(signingKeys, key)));
    return loadSigningKeys(config, stores);
  }
  return stored.map((key) => JSON.parse(unseal(config.encryptionKeys, CONTEXT, key.sealedJwk)) as JWK);
}

/** id_tokens are signed with RS256, which every client has to understand (OpenID Connect Core §15.1). */
function algorithmsInUse(config: Config): SigningAlg[] {
  return [...new Set<SigningAlg>(['RS256', ...config.file.resources.map((r) => r.accessTokenSigningAlg)])];
}

async function newSigningKey(config: Config, alg: SigningAlg): Promise<SigningKey> {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  const jwk = await exportJWK(privateKey);
  const kid = await calculateJwkThumbprint(jwk);
  const sealedJwk = seal(config.encryptionKeys, CONTEXT, JSON.stringify({ ...jwk, kid, alg, use: 'sig' }));
  return { id: kid, alg, sealedJwk, createdAt: Date.now() };
}
