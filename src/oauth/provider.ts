/** The oidc-provider instance: the library as it is configured, with this server's grants and comparison of secrets. */
import type Provider from 'oidc-provider';
import type { JWK } from 'oidc-provider';
import { adminSecretIsRight } from './adminSecret.js';
import { secretMatches } from './clientSecret.js';
import type { OauthContext } from './context.js';
import { authorizationCodeGrant } from './grants/authorizationCodeGrant.js';
import {
  CLIENT_CREDENTIALS,
  CLIENT_CREDENTIALS_PARAMETERS,
  clientCredentialsGrant,
} from './grants/clientCredentialsGrant.js';
import { refreshTokenGrant } from './grants/refreshTokenGrant.js';
import { TOKEN_EXCHANGE, TOKEN_EXCHANGE_PARAMETERS, tokenExchangeGrant } from './grants/tokenExchangeGrant.js';
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
  provider.Client.prototype.compareClientSecret = function (secret) {
    const isServer = oauth.resourceServers.exchanging.includes(this.clientId);
    if (isServer) return oauth.resourceServers.authenticate(this.clientId, secret) !== undefined;
    if (oauth.adminClients.has(this.clientId)) return adminSecretIsRight(oauth, this.clientId, secret);
    return secretMatches(secret, this.clientSecret);
  };
  registerGrants(provider, oauth);
  return provider;
}

/** The grants of the token endpoint, in place of the library's: single use has to be one conditional durable write. */
function registerGrants(provider: Provider, oauth: OauthContext): void {
  const withResource = (...names: string[]) => new Set([...names, 'resource']);
  provider.registerGrantType(
    'authorization_code',
    (ctx) => authorizationCodeGrant(oauth, provider, ctx),
    withResource('code', 'redirect_uri', 'code_verifier'),
    'resource',
  );
  provider.registerGrantType(
    'refresh_token',
    (ctx) => refreshTokenGrant(oauth, ctx),
    withResource('refresh_token', 'scope'),
    'resource',
  );
  provider.registerGrantType(
    TOKEN_EXCHANGE,
    async (ctx) => {
      const server = oauth.resourceServers.identify(ctx.oidc.client?.clientId ?? '');
      if (server) await tokenExchangeGrant(oauth, server, ctx);
    },
    new Set(TOKEN_EXCHANGE_PARAMETERS),
  );
  if (oauth.adminClients.ids.length > 0)
    provider.registerGrantType(
      CLIENT_CREDENTIALS,
      (ctx) => clientCredentialsGrant(oauth, ctx),
      new Set(CLIENT_CREDENTIALS_PARAMETERS),
    );
}
