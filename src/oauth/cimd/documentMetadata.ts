/** What a client metadata document may say of its client, and what it may not (draft §4.1). */
import { errors } from 'oidc-provider';
import { z } from 'zod';
import { normaliseClientMetadata } from '../clientMetadata.js';
import { DocumentRefusedError } from './fetchDocument.js';

/** Only what a document decides about; every other field, known or not, is left behind. */
const Document = z.object({
  client_id: z.string(),
  client_name: z.string().min(1),
  client_uri: z.string().optional().catch(undefined),
  redirect_uris: z.array(z.string()),
  grant_types: z.array(z.unknown()).optional().catch(undefined),
  application_type: z.string().optional().catch(undefined),
  token_endpoint_auth_method: z.string().optional(),
  token_endpoint_auth_methods_supported: z.array(z.unknown()).optional().catch(undefined),
  client_secret: z.never().optional(),
  client_secret_expires_at: z.never().optional(),
});

/**
 * The metadata that a document gives its client. Such clients are public here: a document that offers several ways to
 * authenticate must offer `none`.
 * @param address what the document was fetched from
 * @param redirectSchemes private-use schemes that redirect URIs may have without a dot
 * @throws DocumentRefusedError with what is wrong
 */
export function documentMetadata(
  address: URL,
  document: unknown,
  redirectSchemes: readonly string[],
): Record<string, unknown> {
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
  if (metadata.client_id !== address.href)
    throw new DocumentRefusedError('its client_id is not the address it was fetched from');
  if (preferred !== undefined && preferred !== 'none' && !offered?.includes('none'))
    throw new DocumentRefusedError('it does not offer token_endpoint_auth_method none');
  const accepted = {
    ...metadata,
    // The document's host is verified; it must not lend its good name to another website.
    ...(website && hostOf(website) === address.host ? { client_uri: website } : {}),
    token_endpoint_auth_method: 'none',
  };
  return normalised(accepted, redirectSchemes);
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
