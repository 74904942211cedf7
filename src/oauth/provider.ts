/** The oidc-provider instance: authorization requests, registration and public keys. Tokens are ours (`tokenEndpoint.ts`). */
import type Provider from 'oidc-provider';
import type { JWK } from 'oidc-provider';
import { type AuthorizationPages, answerClients } from './authorizationAnswer.js';
import type { OauthContext } from './context.js';
import { providerConfiguration } from './providerConfiguration.js';
import { QueryOnlyProvider } from './queryOnlyProvider.js';

/**
 * Builds the provider.
 * @param keys private signing keys, the one to sign with first
 * @param pages for what is not sent to the client, or not at once
 */
export function createProvider(oauth: OauthContext, keys: readonly JWK[], pages: AuthorizationPages): Provider {
  const configuration = providerConfiguration(oauth, keys, pages.showError);
  const provider = new QueryOnlyProvider(oauth.config.issuer, configuration, answerClients(oauth, pages));
  // The pinned request (http/pinToIssuer.ts) tells the library its scheme by X-Forwarded-Proto.
  provider.proxy = true;
  return provider;
}
