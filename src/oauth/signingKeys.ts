/** The keys that sign id_tokens and JWT access tokens: made at first start, sealed at rest, rotated by the operator. */
import { exportJWK, generateKeyPair } from 'jose';
import type { JWK } from 'oidc-provider';
import type { Config } from '../config.js';
import { newId } from '../ids.js';
import { seal, unseal } from '../sealing.js';
import type { Stored } from '../stores/collection.js';
import { type DurableStore, insert, remove } from '../stores/durable.js';
import { type SigningKey, signingKeys } from '../stores/records/signingKey.js';
import { retryOnConflict } from '../stores/retryOnConflict.js';

export type SigningAlg = SigningKey['alg'];

/** How often a server looks for new keys (milliseconds). */
export const LOOK_EVERY_MS = 60_000;
/** A new key is published for so long before it signs, so that every server and every cache has it (milliseconds). */
export const PUBLISHED_BEFORE_SIGNING_MS = 10 * LOOK_EVERY_MS;
/** No token lives longer, so a key is not needed for longer after the last one that it signed (milliseconds). */
export const LONGEST_TOKEN_MS = 24 * 3_600_000;

const CONTEXT = 'signing key';

/** All keys, of each algorithm the newest first. */
export function listSigningKeys(durable: DurableStore): Promise<Stored<SigningKey>[]> {
  return durable.list(signingKeys, 'byGeneration', [], { reverse: true });
}

/** Of each algorithm in use, the first key where there is none yet. Of several servers at once, one makes it. */
export function makeFirstKeys(config: Config, durable: DurableStore): Promise<void> {
  return retryOnConflict(async () => {
    const stored = await listSigningKeys(durable);
    const missing = algorithmsInUse(config).filter((alg) => !stored.some((key) => key.alg === alg));
    const made = await Promise.all(missing.map((alg) => newKey(config, alg, 1, Date.now())));
    if (made.length > 0) await durable.commit(made.map((key) => insert(signingKeys, key)));
  });
}

/**
 * Adds the next key of an algorithm: published at once, signing a while later. No server needs a restart.
 * @returns the new key
 */
export function rotateSigningKey(config: Config, durable: DurableStore, alg: SigningAlg): Promise<SigningKey> {
  return retryOnConflict(async () => {
    const newest = (await listSigningKeys(durable)).find((key) => key.alg === alg);
    const next = await newKey(config, alg, (newest?.generation ?? 0) + 1, Date.now() + PUBLISHED_BEFORE_SIGNING_MS);
    await durable.commit([insert(signingKeys, next)]);
    return next;
  });
}

/** The key of an algorithm that signs at this moment: the newest whose time has come. */
export function signsNow<T extends SigningKey>(keys: readonly T[], alg: SigningAlg, now = Date.now()): T | undefined {
  const ofAlg = keys.filter((key) => key.alg === alg);
  return ofAlg.find((key) => key.signsFrom <= now) ?? ofAlg.at(-1);
}

/**
 * From when on no token that a key signed can be alive (milliseconds, UTC).
 * @returns undefined while it signs or has yet to
 */
export function unneededFrom(keys: readonly SigningKey[], key: SigningKey): number | undefined {
  const successor = keys.find((other) => other.alg === key.alg && other.generation === key.generation + 1);
  const signing = signsNow(keys, key.alg);
  if (!successor || !signing || signing.generation <= key.generation) return undefined;
  return successor.signsFrom + LONGEST_TOKEN_MS;
}

/** Takes a key out of the published set; tokens that it signed are worth nothing from then on. */
export async function retireSigningKey(durable: DurableStore, id: string): Promise<void> {
  await durable.commit([remove(signingKeys, id)]);
}

/**
 * The private key of a record.
 * @throws when no ENCRYPTION_KEY opens it
 */
export function openSigningKey(config: Config, key: SigningKey): JWK {
  return JSON.parse(unseal(config.encryptionKeys, CONTEXT, key.sealedJwk)) as JWK;
}

/** id_tokens are signed with RS256, which every client has to understand (OpenID Connect Core §15.1). */
export function algorithmsInUse(config: Config): SigningAlg[] {
  return [...new Set<SigningAlg>(['RS256', ...config.file.resources.map((r) => r.accessTokenSigningAlg)])];
}

async function newKey(config: Config, alg: SigningAlg, generation: number, signsFrom: number): Promise<SigningKey> {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  const jwk = await exportJWK(privateKey);
  const id = newId('key');
  const sealedJwk = seal(config.encryptionKeys, CONTEXT, JSON.stringify({ ...jwk, kid: id, alg, use: 'sig' }));
  return { id, alg, generation, sealedJwk, createdAt: Date.now(), signsFrom };
}
