/** Authorization server metadata (RFC 8414, OpenID Connect Discovery): only what this server supports, at its issuer. */
import { GRANT_TYPES } from './clientMetadata.js';
import type { OauthContext } from './context.js';
import { CLIENT_CREDENTIALS } from './grants/clientCredentialsGrant.js';
import { TOKEN_EXCHANGE } from './grants/tokenExchangeGrant.js';

/**
 * The metadata document. Every address in it comes from the configured issuer, never from a request.
 * @returns the document as it is served
 */
export function authorizationServerMetadata({
  config,
  resources,
  resourceServers,
  adminClients,
}: OauthContext): Record<string, unknown> {
  const at = (path: string): string => config.baseUrl + path;
  const clientAuthentication = ['none', 'client_secret_basic', 'client_secret_post'];
  return {
    issuer: config.issuer,
    authorization_endpoint: at('/authorize'),
    token_endpoint: at('/token'),
    ...(config.file.clientPolicy.dynamicRegistration ? { registration_endpoint: at('/register') } : {}),
    client_id_metadata_document_supported: config.file.clientPolicy.metadataDocuments.enabled,
    revocation_endpoint: at('/revoke'),
    introspection_endpoint: at('/introspect'),
    userinfo_endpoint: at('/userinfo'),
    jwks_uri: at('/jwks'),
    scopes_supported: resources.advertised,
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    grant_types_supported: [
      ...GRANT_TYPES,
      ...(resourceServers.exchanging.length > 0 ? [TOKEN_EXCHANGE] : []),
      ...(adminClients.ids.length > 0 ? [CLIENT_CREDENTIALS] : []),
    ],
    code_challenge_methods_supported: ['S256'],
    token_endpoint_auth_methods_supported: clientAuthentication,
    revocation_endpoint_auth_methods_supported: clientAuthentication,
    introspection_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
    authorization_response_iss_parameter_supported: true,
    request_parameter_supported: false,
    request_uri_parameter_supported: false,
    claims_parameter_supported: false,
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
    claims_supported: ['sub', 'iss', 'aud', 'exp', 'iat', 'auth_time', 'nonce', 'name', 'email', 'email_verified'],
  };
}

/**
 * The paths, from the root of the host, under which clients look for the metadata of this issuer: path inserted
 * (RFC 8414 §3.1), path appended (OpenID Connect Discovery §4), and at the bare root as a compatibility alias.
 */
export function metadataPaths(basePath: string): string[] {
  const documents = ['oauth-authorization-server', 'openid-configuration'];
  const forms = documents.flatMap((document) => [
    `/.well-known/${document}${basePath}`,
    `${basePath}/.well-known/${document}`,
    `/.well-known/${document}`,
  ]);
  return [...new Set(forms)];
}
