/** What a client metadata document may say of its client, and what it may not (draft §4.1). */
import { errors } from 'oidc-provider';
import { z } from 'zod';
import { PRIVATE_KEY_JWT } from '../clientKeys/keyMetadata.js';
import { normaliseClientMetadata } from '../clientMetadata.js';
import { redirectUriProblem } from '../redirectUri.js';
import { DocumentRefusedError } from './fetchDocument.js';

/** Only what a document decides about; every other field, known or not, is left behind. */
const Document = z.object({
  client_id: z.string(),
  client_name: z.string().min(1),
  client_uri: z.string().optional().catch(undefined),
  redirect_uris: z.array(z.unknown()),
  grant_types: z.array(z.unknown()).optional().catch(undefined),
  application_type: z.string().optional().catch(undefined),
  token_endpoint_auth_method: z.string().optional(),
  token_endpoint_auth_methods_supported: z.array(z.unknown()).optional().catch(undefined),
  token_endpoint_auth_signing_alg: z.unknown().optional(),
  token_endpoint_auth_signing_alg_values_supported: z.unknown().optional(),
  jwks: z.unknown().optional(),
  jwks_uri: z.unknown().optional(),
  client_secret: z.never().optional(),
  client_secret_expires_at: z.never().optional(),
});

/** A document offers no way to authenticate that this server has (draft-ietf-oauth-client-id-metadata-document-03 §6). */
export class NoWayToAuthenticateError extends DocumentRefusedError {}

/** What becomes of a document. */
export interface DescribedClient {
  readonly metadata: Record<string, unknown>;
  /** The redirect URIs of the document that are not acceptable, and so not in the metadata. */
  readonly leftOut: readonly string[];
}

/** How many redirect URIs an error names one by one. */
const MOST_NAMED = 10;

/**
 * The metadata that a document gives its client. There is no secret that it could share with this server, so it must offer
 * `none` or `private_key_jwt`; where it offers both, the client may use either at each request. Redirect URIs that are not acceptable are left out: a vendor's one document serves
 * authorization servers with different rules.
 * @param clientId the address that the document was fetched from, as the client spells it
 * @param redirectSchemes private-use schemes that redirect URIs may have without a dot
 * @throws DocumentRefusedError with what is wrong
 */
export function documentMetadata(
  clientId: string,
  document: unknown,
  redirectSchemes: readonly string[],
): DescribedClient {
  const parsed = Document.safeParse(document);
  if (!parsed.success) {
    const field = parsed.error.issues[0]?.path.join('.');
    throw new DocumentRefusedError(field ? `its field ${field} is missing or not allowed` : 'it is not a JSON object');
  }
  const {
    token_endpoint_auth_methods_supported: offered,
    token_endpoint_auth_method: preferred,
    client_uri: website,
    ...metadata
  } = parsed.data;
  if (metadata.client_id !== clientId)
    throw new DocumentRefusedError('its client_id is not the address it was fetched from');
  const ways = new Set([preferred ?? (offered ? undefined : 'none'), ...(offered ?? [])]);
  const both = ['none', PRIVATE_KEY_JWT].filter((way) => ways.has(way));
  if (both.length === 0)
    throw new NoWayToAuthenticateError(`it offers neither token_endpoint_auth_method none nor ${PRIVATE_KEY_JWT}`);
  const { acceptable, leftOut } = redirectUris(metadata.redirect_uris, redirectSchemes);
  const accepted = {
    ...metadata,
    redirect_uris: acceptable,
    // The document's host is verified; it must not lend its good name to another website.
    ...(website && hostOf(website) === hostOf(clientId) ? { client_uri: website } : {}),
    token_endpoint_auth_method: both[0],
    token_endpoint_auth_methods_supported: both,
  };
  return { metadata: normalised(accepted, redirectSchemes), leftOut };
}

/** @throws DocumentRefusedError that says what is wrong with each, by its place: no text of a stranger stands on our page */
function redirectUris(given: readonly unknown[], redirectSchemes: readonly string[]) {
  const problems = given.map((uri) => redirectUriProblem(uri, redirectSchemes));
  const acceptable = given.filter((_, place) => problems[place] === undefined);
  if (given.length > 0 && acceptable.length === 0) {
    const named = problems.slice(0, MOST_NAMED).map((problem, place) => `redirect_uris[${place}] ${problem}`);
    const more = problems.length > MOST_NAMED ? [`and ${problems.length - MOST_NAMED} more`] : [];
    throw new DocumentRefusedError(`none of its redirect_uris can be used: ${[...named, ...more].join('; ')}`);
  }
  const texts = given.filter((uri) => typeof uri === 'string');
  return { acceptable, leftOut: texts.filter((uri) => !acceptable.includes(uri)) };
}

/**
 * Whether the rules for redirect URIs still judge a document as they did when it was read; the operator may have changed
 * the list of schemes since.
 * @param redirectSchemes private-use schemes that redirect URIs may have without a dot
 */
export function isJudgedAlike({ metadata, leftOut }: DescribedClient, redirectSchemes: readonly string[]): boolean {
  const fits = (uri: unknown): boolean => redirectUriProblem(uri, redirectSchemes) === undefined;
  const kept = metadata.redirect_uris;
  return Array.isArray(kept) && kept.every(fits) && !leftOut.some(fits);
}

const hostOf = (website: string): string | undefined => (URL.canParse(website) ? new URL(website).host : undefined);

/** Here and not when the client is loaded: a document that is refused must not be kept. */
function normalised(metadata: Record<string, unknown>, redirectSchemes: readonly string[]): Record<string, unknown> {
  try {
    normaliseClientMetadata(metadata, redirectSchemes);
    return metadata;
  } catch (error) {
    if (!(error instanceof errors.OIDCProviderError)) throw error;
    throw new DocumentRefusedError(`its ${error.error_description ?? error.message}`, { cause: error });
  }
}
