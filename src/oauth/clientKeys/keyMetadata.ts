/** What the metadata of a client says of the keys that it authenticates with (RFC 7591 §2). */
import { errors } from 'oidc-provider';
import { z } from 'zod';
import { ASSERTION_ALGS, type AssertionAlg, KeySetError, type PublicJwk, publicKeys } from './keySet.js';
import { keySetUrl } from './keySets.js';

type Metadata = Record<string, unknown>;

/** Authentication with a signed assertion (RFC 7523 §2.2, OpenID Connect Core §9). */
export const PRIVATE_KEY_JWT = 'private_key_jwt';

/** The keys of a client, and the algorithms that it uses them with. */
export type ClientKeys = { readonly algs: readonly AssertionAlg[] } & (
  | { readonly jwks: readonly PublicJwk[]; readonly uri?: never }
  | { readonly uri: string; readonly jwks?: never }
);

/** Whether there are keys in the metadata, or an address of keys, and not both. */
export const namesKeys = ({ jwks, jwks_uri: uri }: Metadata): boolean =>
  ((jwks ?? undefined) === undefined) !== ((uri ?? undefined) === undefined);

/** Whether a client that is told apart by its id alone may authenticate with keys as well. */
const offersBoth = ({ token_endpoint_auth_methods_supported: offered }: Metadata): boolean =>
  Array.isArray(offered) && offered.includes('none') && offered.includes(PRIVATE_KEY_JWT);

/**
 * The fields about keys that are kept of a client's metadata.
 * @param method how it authenticates: with `private_key_jwt` it must have keys; with `none` it may use those that it has
 *   where it offers both
 * @throws `invalid_client_metadata` that says what to change
 */
export function keyFields(given: Metadata, method: unknown): Metadata {
  if (method === PRIVATE_KEY_JWT) {
    const { algs, ...keys } = readKeys(given);
    return { ...fieldOf(keys), ...(algs.length === 1 ? { token_endpoint_auth_signing_alg: algs[0] } : {}) };
  }
  if (method !== 'none' || !offersBoth(given)) return {};
  try {
    const { algs, ...keys } = readKeys(given);
    const signing = { token_endpoint_auth_signing_alg_values_supported: [...algs] };
    return { ...fieldOf(keys), ...signing, token_endpoint_auth_methods_supported: ['none', PRIVATE_KEY_JWT] };
  } catch (error) {
    // It may still come without keys, unless it has told its secret to everyone.
    if (error instanceof errors.InvalidClientMetadata && !isDisclosed(error)) return {};
    throw error;
  }
}

/**
 * The keys that a client may authenticate with.
 * @param metadata as it was registered, or as it stands in the configuration file
 * @returns undefined when it has none
 */
export function clientKeysIn(metadata: Metadata, method: unknown): ClientKeys | undefined {
  const fields = keyFields(metadata, method);
  return namesKeys(fields) ? readKeys(fields) : undefined;
}

const fieldOf = ({ jwks, uri }: Omit<ClientKeys, 'algs'>): Metadata =>
  jwks ? { jwks: { keys: jwks.map((key) => ({ ...key })) } } : { jwks_uri: uri };

function readKeys(given: Metadata): ClientKeys {
  const { jwks, jwks_uri: uri } = given;
  if (!namesKeys(given))
    throw new errors.InvalidClientMetadata(`${PRIVATE_KEY_JWT} needs exactly one of jwks and jwks_uri`);
  const algs = signingAlgs(given);
  if (jwks === undefined || jwks === null) {
    if (!keySetUrl(uri))
      throw new errors.InvalidClientMetadata('jwks_uri must be an https address of a host by its name');
    return { algs, uri: String(uri) };
  }
  try {
    return { algs, jwks: publicKeys(jwks) };
  } catch (cause) {
    if (!(cause instanceof KeySetError)) throw cause;
    throw Object.assign(new errors.InvalidClientMetadata(`jwks ${cause.message}`), { cause });
  }
}

const isDisclosed = ({ cause }: Error): boolean => cause instanceof KeySetError && cause.disclosed;

const Algs = z.array(z.enum(ASSERTION_ALGS));

function signingAlgs(given: Metadata): readonly AssertionAlg[] {
  const { token_endpoint_auth_signing_alg: one, token_endpoint_auth_signing_alg_values_supported: several } = given;
  const named = one ? [one] : Array.isArray(several) ? several.filter((alg) => Algs.safeParse([alg]).success) : [];
  if (named.length === 0) return ASSERTION_ALGS;
  const algs = Algs.safeParse(named);
  if (!algs.success)
    throw new errors.InvalidClientMetadata(
      `token_endpoint_auth_signing_alg must be one of ${ASSERTION_ALGS.join(', ')}`,
    );
  return algs.data;
}
