/**
 * What becomes of the metadata that a client registers (RFC 7591 §2): one table, run over every client each time it is
 * loaded. What this server does not use is dropped rather than refused, so that every MCP client registers at its first
 * try; what is dangerous is refused.
 */
import { errors } from 'oidc-provider';
import { isPlain, plain } from '../plainText.js';
import { fits, TEXT_BOUNDS } from '../textBounds.js';
import { keyFields, namesKeys, PRIVATE_KEY_JWT } from './clientKeys/keyMetadata.js';
import { redirectUriProblem } from './redirectUri.js';

type Metadata = Record<string, unknown>;

export const GRANT_TYPES = ['authorization_code', 'refresh_token'] as const;
/** The ways in which clients may authenticate; `none` for those that have no secret to keep. */
export const AUTH_METHODS = ['none', 'client_secret_basic', 'client_secret_post', PRIVATE_KEY_JWT] as const;

/** Fields that are kept as they are, when they are non-empty strings; this server chose them. */
const KEPT = ['client_id', 'client_secret'];
/** Fields that are kept when they are web addresses; shown to people, never fetched. */
const WEB_ADDRESSES = ['client_uri'];
const NUMBERS = ['client_id_issued_at', 'client_secret_expires_at'];

/**
 * Normalises client metadata in place.
 * @param redirectSchemes private-use schemes that redirect URIs may have without a dot
 * @throws `invalid_redirect_uri` or `invalid_client_metadata` (RFC 7591 §3.2.2) that says what to change
 */
export function normaliseClientMetadata(metadata: Metadata, redirectSchemes: readonly string[]): void {
  const given = { ...metadata };
  for (const name of Object.keys(metadata)) delete metadata[name];
  Object.assign(metadata, {
    ...kept(given, KEPT, (value) => typeof value === 'string' && value !== ''),
    ...kept(given, NUMBERS, (value) => typeof value === 'number'),
    ...kept(given, WEB_ADDRESSES, isWebAddress),
    ...namedBy(given.client_name),
    redirect_uris: redirectUris(given.redirect_uris, redirectSchemes),
    grant_types: grantTypesOf(given),
    response_types: ['code'],
    token_endpoint_auth_method: authMethodOf(given),
  });
  Object.assign(metadata, keyFields(given, metadata.token_endpoint_auth_method));
  metadata.application_type = applicationType(given.application_type, metadata.redirect_uris as string[]);
  if (!String(metadata.token_endpoint_auth_method).startsWith('client_secret')) {
    delete metadata.client_secret;
    delete metadata.client_secret_expires_at;
  }
}

const kept = (given: Metadata, names: string[], isKept: (value: unknown) => boolean): Metadata =>
  Object.fromEntries(names.filter((name) => isKept(given[name])).map((name) => [name, given[name]]));

const isWebAddress = (value: unknown): boolean =>
  typeof value === 'string' &&
  fits('clientUri', value) &&
  isPlain(value) &&
  /^https?:\/\//i.test(value) &&
  URL.canParse(value);

function namedBy(name: unknown): Metadata {
  if (typeof name !== 'string') return {};
  const clean = plain(name);
  return clean === '' ? {} : { client_name: [...clean].slice(0, TEXT_BOUNDS.clientName.most).join('') };
}

/**
 * The way in which a client authenticates: the one that it prefers, or `none` where it offers that beside one that is
 * not supported here. One that names none has a secret (RFC 7591 §2), unless it is on a person's device, where a secret
 * does not stay one.
 * @throws `invalid_client_metadata` when it offers none that is
 */
export function authMethodOf(given: Metadata): unknown {
  const { token_endpoint_auth_methods_supported: offered } = given;
  const preferred = given.token_endpoint_auth_method || defaultAuthMethod(given);
  const others = Array.isArray(offered) ? offered : [];
  const usable = (method: unknown): boolean => method !== PRIVATE_KEY_JWT || namesKeys(given);
  if (AUTH_METHODS.some((method) => method === preferred) && (usable(preferred) || !others.includes('none')))
    return preferred;
  const instead = ['none', PRIVATE_KEY_JWT].find((method) => others.includes(method) && usable(method));
  if (instead !== undefined) return instead;
  throw new errors.InvalidClientMetadata(`token_endpoint_auth_method must be one of ${AUTH_METHODS.join(', ')}`);
}

const defaultAuthMethod = ({ client_secret: secret, redirect_uris: uris }: Metadata): string =>
  secret && Array.isArray(uris) && uris.every((uri) => /^https:/i.test(String(uri))) ? 'client_secret_basic' : 'none';

function redirectUris(given: unknown, redirectSchemes: readonly string[]): string[] {
  if (!Array.isArray(given) || given.length === 0)
    throw new errors.InvalidClientMetadata('redirect_uris must be an array with at least one URI');
  const { most } = TEXT_BOUNDS.redirectUris;
  if (given.length > most) throw new errors.InvalidClientMetadata(`redirect_uris must have at most ${most} members`);
  for (const uri of given) {
    const problem = redirectUriProblem(uri, redirectSchemes);
    if (problem) throw new errors.InvalidClientMetadata(`redirect_uris ${problem}`);
  }
  return [...new Set(given as string[])];
}

/** The grant types that a client may use. */
export function grantTypesOf({ grant_types: given }: Metadata): string[] {
  const asked = Array.isArray(given) ? GRANT_TYPES.filter((type) => given.includes(type)) : [];
  // Without the code grant a client could not be used at all, so asking for none of ours counts as asking for both.
  return asked.includes('authorization_code') ? asked : [...GRANT_TYPES];
}

function applicationType(claimed: unknown, uris: string[]): 'web' | 'native' {
  return claimed === 'web' && uris.every((uri) => /^https:/i.test(uri)) ? 'web' : 'native';
}
