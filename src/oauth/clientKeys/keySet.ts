/** Public keys of clients (RFC 7517): what a key set may contain, and which of its keys verify which signatures. */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { BoundedCache } from '../../boundedCache.js';

/** The algorithms that clients may sign their assertions with (RFC 7518 §3.1, RFC 8037 §3.1), and the keys each needs. */
const KEY_OF = {
  RS256: { kty: 'RSA' },
  PS256: { kty: 'RSA' },
  ES256: { kty: 'EC', crv: 'P-256' },
  EdDSA: { kty: 'OKP', crv: 'Ed25519' },
} as const;

export type AssertionAlg = keyof typeof KEY_OF;
export const ASSERTION_ALGS = Object.keys(KEY_OF) as readonly AssertionAlg[];

/** A set with more keys is refused: clients have a few, and each may have to be tried. */
const MOST_KEYS = 50;
/** RSA keys in bits: shorter ones are weak (RFC 7518 §3.3), and what is verified with longer ones takes long. */
const RSA_BITS = { least: 2_048, most: 8_192 };
/** An exponent of more digits is no one's, and would make each verification slow. */
const MOST_EXPONENT = 2n ** 32n;
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'];

/** A public key without what this server does not use of it. */
export const PublicJwk = z.strictObject({
  kty: z.enum(['RSA', 'EC', 'OKP']),
  crv: z.string().exactOptional(),
  x: z.string().exactOptional(),
  y: z.string().exactOptional(),
  n: z.string().exactOptional(),
  e: z.string().exactOptional(),
  kid: z.string().exactOptional(),
  alg: z.string().exactOptional(),
});
export type PublicJwk = z.infer<typeof PublicJwk>;

/** A key set that is not accepted; the message says why, and nothing of what is in it. */
export class KeySetError extends Error {
  override readonly name = 'KeySetError';
  /** The set discloses a secret: its owner has to hear of it. */
  readonly disclosed: boolean;
  constructor(message: string, disclosed = false) {
    super(message);
    this.disclosed = disclosed;
  }
}

const Members = z.looseObject({
  kty: z.string(),
  use: z.string().optional(),
  key_ops: z.array(z.unknown()).optional(),
});

/**
 * The keys of a set that can verify assertions. Keys for something else are left out, as RFC 7517 §5 says.
 * @param value the set as it was received
 * @throws KeySetError for what is no set, has too many keys, a private or symmetric one, or none that can be used
 */
export function publicKeys(value: unknown): PublicJwk[] {
  const set = z.looseObject({ keys: z.array(z.unknown()) }).safeParse(value);
  if (!set.success) throw new KeySetError('is no JSON Web Key Set (RFC 7517)');
  const { keys } = set.data;
  if (keys.length > MOST_KEYS) throw new KeySetError(`has more than ${MOST_KEYS} keys`);
  if (keys.some(isSecret)) throw new KeySetError('has a private or symmetric key; publish public keys alone', true);
  const usable = keys.flatMap((key) => usableKey(key) ?? []);
  if (usable.length === 0) throw new KeySetError(`has no key for ${ASSERTION_ALGS.join(', ')}`);
  return usable;
}

const isSecret = (key: unknown): boolean =>
  typeof key === 'object' &&
  key !== null &&
  (PRIVATE_MEMBERS.some((name) => Object.hasOwn(key, name)) || ('kty' in key && key.kty === 'oct'));

function usableKey(key: unknown): PublicJwk | undefined {
  const { success, data } = Members.safeParse(key);
  if (!success || (data.use ?? 'sig') !== 'sig' || data.key_ops?.includes('verify') === false) return undefined;
  const jwk = PublicJwk.strip().safeParse(data);
  if (!jwk.success || !ASSERTION_ALGS.some((alg) => isFor(jwk.data, alg))) return undefined;
  return imported(jwk.data) ? jwk.data : undefined;
}

/** Whether a key is for an algorithm. RFC 9864 gives EdDSA with the one curve that there is here a name of its own. */
function isFor({ kty, crv, alg }: PublicJwk, asked: AssertionAlg): boolean {
  const needed = KEY_OF[asked];
  const own = alg === 'Ed25519' ? 'EdDSA' : (alg ?? asked);
  return own === asked && kty === needed.kty && (!('crv' in needed) || crv === needed.crv);
}

/**
 * The keys of a set to try for a signature: those that its header names, or those without a name.
 * @param kid of the header, if it has one
 */
export const keysFor = (keys: readonly PublicJwk[], alg: AssertionAlg, kid: string | undefined): PublicJwk[] =>
  keys.filter((key) => isFor(key, alg) && (kid === undefined || (key.kid ?? kid) === kid));

/** Imported keys by their content, so that a changed key is another one. */
const known = new BoundedCache<{ readonly key: KeyObject; readonly bytes: number }>(4_000_000);
/** What an imported key needs in memory beside its text, about. */
const IMPORTED_BYTES = 2_000;

/** @returns undefined for what is no such key, such as a point that is not on its curve, or a weak one */
export function imported({ kid: _kid, alg: _alg, ...material }: PublicJwk): KeyObject | undefined {
  const text = JSON.stringify(material);
  const before = known.get(text);
  if (before) return before.key;
  try {
    const key = createPublicKey({ key: material, format: 'jwk' });
    const { modulusLength: bits = RSA_BITS.least, publicExponent = 65_537n } = key.asymmetricKeyDetails ?? {};
    if (bits < RSA_BITS.least || bits > RSA_BITS.most || publicExponent < 3n || publicExponent > MOST_EXPONENT)
      return undefined;
    known.set(text, { key, bytes: text.length + IMPORTED_BYTES });
    return key;
  } catch {
    return undefined;
  }
}
