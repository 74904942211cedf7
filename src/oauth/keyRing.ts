/** The signing keys as this server holds them: looked for again every minute, so that a rotation needs no restart. */
import type { JWK } from 'oidc-provider';
import type { Config } from '../config.js';
import type { DurableStore } from '../stores/durable.js';
import { listSigningKeys, makeFirstKeys, openSigningKey, signsNow } from './signingKeys.js';

export interface KeyRing {
  /** The private keys; of each algorithm the one that signs stands first. A new array when anything changed. */
  readonly keys: readonly JWK[];
  /** Looks again. @returns whether anything changed */
  look(): Promise<boolean>;
}

/**
 * Loads the keys, making the first ones on an empty store.
 * @throws when no ENCRYPTION_KEY opens them
 */
export async function openKeyRing(config: Config, durable: DurableStore): Promise<KeyRing> {
  await makeFirstKeys(config, durable);
  let keys = await load(config, durable);
  return {
    get keys() {
      return keys;
    },
    async look() {
      const found = await load(config, durable);
      const same = JSON.stringify(found.map(({ kid }) => kid)) === JSON.stringify(keys.map(({ kid }) => kid));
      if (!same) keys = found;
      return !same;
    },
  };
}

async function load(config: Config, durable: DurableStore): Promise<readonly JWK[]> {
  const stored = await listSigningKeys(durable);
  const signing = new Set(stored.map((key) => signsNow(stored, key.alg)?.id));
  const inOrder = [...stored.filter((key) => signing.has(key.id)), ...stored.filter((key) => !signing.has(key.id))];
  return inOrder.map((key) => openSigningKey(config, key));
}
