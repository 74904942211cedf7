/** What a client metadata document may say of its client, and what it may not (draft §4.1). */
import { z } from 'zod';

/** Only what a document decides about; every other field, known or not, is left behind. */
const Document = z.object({
  client_id: z.string(),
  client_name: z.string().optional().catch(undefined),
  client_uri: z.string().optional().catch(undefined),
  redirect_uris: z.array(z.string()),
  grant_types: z.array(z.unknown()).optional().catch(undefined),
  application_type: z.string().optional().catch(undefined),
  token_endpoint_auth_method: z.string().optional(),
  token_endpoint_auth_methods_supported: z.array(z.unknown()).optional().catch(undefined),
  client_secret: z.undefined(),
  client_secret_expires_at: z.undefined(),
});

/**
 * The metadata that a document gives its client. Such clients are public here: a document that offers several ways to
 * authenticate must offer `none`.
 * @param clientId the address the document was fetched from
 * @throws Error with what is wrong
 */
export function documentMetadata(clientId: string, document: unknown): Record<string, unknown> {
  const parsed = Document.safeParse(document);
  if (!parsed.success) throw new Error(`its field ${parsed.error.issues[0]?.path.join('.')} is missing or not allowed`);
  const {
    token_endpoint_auth_methods_supported: offered,
    token_endpoint_auth_method: preferred,
    ...metadata
  } = parsed.data;
  if (metadata.client_id !== clientId) throw new Error('its client_id is not the address it was fetched from');
  if (preferred !== undefined && preferred !== 'none' && !offered?.includes('none'))
    throw new Error('it does not offer token_endpoint_auth_method none');
  return { ...metadata, token_endpoint_auth_method: 'none' };
}
