/** The oidc-provider instance: authorization requests, registration and public keys. Tokens are ours (`tokenEndpoint.ts`). */
import type Provider from 'oidc-provider';
import type { JWK } from 'oidc-provider';
import type { OauthContext } from './context.js';
import { providerConfiguration, type RenderOauthError } from './providerConfiguration.js';
import { QueryOnlyProvider } from './queryOnlyProvider.js';

/**
 * Builds the provider.
 * @param keys private signing keys, the one to sign with first
 * @param renderError shows an error that must not be sent to the client
 */
export function createProvider(oauth: OauthContext, keys: readonly JWK[], renderError: RenderOauthError): Provider {
  const provider = new QueryOnlyProvider(oauth.config.issuer, providerConfiguration(oauth, keys, renderError));
  // The pinned request (http/pinToIssuer.ts) tells the library its scheme by X-Forwarded-Proto.
  provider.proxy = true;
  return provider;
}
