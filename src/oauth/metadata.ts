/** Authorization server metadata (RFC 8414, OpenID Connect Discovery): only what this server supports, at its issuer. */
import type { Config } from '../config.js';
import type { AliasedPath } from '../http/issuerAlias.js';
import type { Issuer } from '../issuer.js';
import { ASSERTION_ALGS } from './clientKeys/keySet.js';
import { AUTH_METHODS, GRANT_TYPES } from './clientMetadata.js';
import type { OauthContext } from './context.js';
import { CLIENT_CREDENTIALS } from './grants/clientCredentialsGrant.js';
import { TOKEN_EXCHANGE } from './grants/tokenExchangeGrant.js';

/** What clients call, by its name in the metadata: paths below the issuer, and below each of its aliases. */
const ENDPOINTS = {
  authorization_endpoint: '/authorize',
  token_endpoint: '/token',
  registration_endpoint: '/register',
  revocation_endpoint: '/revoke',
  introspection_endpoint: '/introspect',
  userinfo_endpoint: '/userinfo',
  jwks_uri: '/jwks',
} as const;

/**
 * The metadata document. Every address in it comes from the configuration, never from a request.
 * @param issuer the one that it is of: this server's, or an alias
 * @returns the document as it is served
 */
export function authorizationServerMetadata(
  { config, resources, resourceServers, adminClients }: OauthContext,
  issuer: Issuer,
): Record<string, unknown> {
  const { registration_endpoint: registration, ...endpoints } = ENDPOINTS;
  const offered = config.file.clientPolicy.dynamicRegistration
    ? { ...endpoints, registration_endpoint: registration }
    : endpoints;
  return {
    issuer: issuer.identifier,
    ...Object.fromEntries(Object.entries(offered).map(([name, path]) => [name, issuer.baseUrl + path])),
    client_id_metadata_document_supported: config.file.clientPolicy.metadataDocuments.enabled,
    scopes_supported: resources.advertised,
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    grant_types_supported: [
      ...GRANT_TYPES,
      ...(resourceServers.exchanging.length > 0 ? [TOKEN_EXCHANGE] : []),
      ...(adminClients.ids.length > 0 ? [CLIENT_CREDENTIALS] : []),
    ],
    code_challenge_methods_supported: ['S256'],
    token_endpoint_auth_methods_supported: AUTH_METHODS,
    token_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGS,
    revocation_endpoint_auth_methods_supported: AUTH_METHODS,
    revocation_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGS,
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

const DOCUMENTS = ['oauth-authorization-server', 'openid-configuration'];

/** Where clients look for the metadata of an issuer: path inserted (RFC 8414 §3.1) or appended (OpenID Connect Discovery §4). */
const placesOf = (document: string, basePath: string): string[] => [
  `/.well-known/${document}${basePath}`,
  `${basePath}/.well-known/${document}`,
];

/**
 * The paths, from the root of the host, under which clients look for the metadata of this issuer, its aliases left out. The
 * bare root answers for it as well, unless that is an alias: some resource servers name the issuer without its path.
 */
export function metadataPaths({ basePath, issuers }: Pick<Config, 'basePath' | 'issuers'>): string[] {
  const atRoot = issuers.some((issuer) => issuer.basePath === '') ? [] : [''];
  const forms = DOCUMENTS.flatMap((document) => [basePath, ...atRoot].flatMap((path) => placesOf(document, path)));
  return [...new Set(forms)];
}

/** What is served at the aliases of the issuer: the metadata, and every endpoint that it names. */
export function aliasedPaths({ basePath, issuers }: Pick<Config, 'basePath' | 'issuers'>): Map<string, AliasedPath> {
  const paths = new Map<string, AliasedPath>();
  for (const { basePath: aliasPath, identifier: issuer } of issuers.slice(1)) {
    for (const path of Object.values(ENDPOINTS)) paths.set(aliasPath + path, { path: basePath + path, issuer });
    // The router takes a slash at the end as well.
    for (const document of DOCUMENTS)
      for (const place of placesOf(document, aliasPath))
        for (const end of ['', '/'])
          paths.set(place + end, { path: `${basePath}/.well-known/${document}${end}`, issuer });
  }
  return paths;
}
