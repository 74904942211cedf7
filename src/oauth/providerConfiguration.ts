/** The configuration of oidc-provider: what this server uses of the library, and what is switched off. */
import { type Configuration, errors, type JWK } from 'oidc-provider';
import { newId } from '../ids.js';
import { accounts } from '../stores/records/account.js';
import { createAdapterFactory } from './adapter.js';
import { normaliseAuthorizationRequest } from './authorizationRequest.js';
import { AUTH_METHODS, GRANT_TYPES, normaliseClientMetadata } from './clientMetadata.js';
import { withHashedSecret } from './clientSecret.js';
import type { OauthContext } from './context.js';
import { onePrompt } from './onePrompt.js';
import { OPENID_SCOPES } from './resources.js';

/** How long a person may take to sign in and consent, in seconds. */
export const INTERACTION_TTL = 3_600;
/** In seconds; RFC 6749 §4.1.2 recommends ten minutes at most. People who work over SSH paste the callback address by hand. */
export const CODE_TTL = 300;

export type RenderOauthError = NonNullable<Configuration['renderError']>;

/**
 * The library's configuration.
 * @param keys private signing keys, the one to sign with first
 * @param renderError shows an error that must not be sent to the client
 */
export function providerConfiguration(
  oauth: OauthContext,
  keys: readonly JWK[],
  renderError: RenderOauthError,
): Configuration {
  const { config, resources, stores } = oauth;
  const prefix = config.secure ? '__Secure-' : '';
  return {
    adapter: createAdapterFactory(oauth),
    jwks: { keys: [...keys] },
    clients: config.file.clients.map(withHashedSecret),
    clientDefaults: {
      application_type: 'native',
      grant_types: [...GRANT_TYPES],
      response_types: ['code'],
      // As if left out: the table decides (`authMethodOf`), and could not tell a default from what a client asked for.
      token_endpoint_auth_method: '' as 'none',
    },
    clientAuthMethods: [...AUTH_METHODS],
    extraClientMetadata: {
      // The library hands the validator only the fields it knows, and those named here.
      properties: ['token_endpoint_auth_methods_supported', 'token_endpoint_auth_signing_alg_values_supported'],
      validator: (_ctx, name, _value, metadata) => {
        // The library calls once for each property; the table runs over all of the metadata at once.
        if (name === 'token_endpoint_auth_methods_supported')
          normaliseClientMetadata(metadata as Record<string, unknown>, config.file.clientPolicy.redirectSchemes);
      },
    },
    responseTypes: ['code'],
    pkce: { required: () => true },
    scopes: Object.keys(OPENID_SCOPES),
    // `iss` is kept with the request; a client cannot send it (`withoutIdleParameters`).
    extraParams: { resource: (ctx) => normaliseAuthorizationRequest(resources, ctx), iss: null },
    features: {
      devInteractions: { enabled: false },
      introspection: { enabled: false },
      userinfo: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      dPoP: { enabled: false },
      registration: {
        enabled: config.file.clientPolicy.dynamicRegistration,
        idFactory: () => newId('dcr'),
        issueRegistrationAccessToken: false,
      },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => resources.fallback.indicator,
        getResourceServerInfo: (_ctx, indicator) => {
          const resource = resources.asked(indicator);
          if (!resource) throw new errors.InvalidTarget('this server issues no tokens for that resource (RFC 8707)');
          return { scope: Object.keys(resource.scopes).join(' '), audience: resource.indicator };
        },
      },
    },
    routes: {
      authorization: '/authorize',
      registration: '/register',
      jwks: '/jwks',
    },
    interactions: {
      policy: onePrompt(),
      url: (_ctx, interaction) => `${config.basePath}/interaction/${interaction.uid}`,
    },
    loadExistingGrant: async (ctx) => {
      const grantId = ctx.oidc.result?.consent?.grantId;
      return grantId === undefined ? undefined : ctx.oidc.provider.Grant.find(grantId);
    },
    findAccount: async (_ctx, sub) => {
      const account = await stores.durable.get(accounts, sub);
      return account && { accountId: sub, claims: async () => ({ sub }) };
    },
    ttl: { AuthorizationCode: CODE_TTL, Interaction: INTERACTION_TTL, Session: INTERACTION_TTL },
    cookies: {
      keys: [...config.cookieKeys],
      names: { session: 'unused', interaction: `${prefix}interaction`, resume: `${prefix}resume` },
      short: { httpOnly: true, sameSite: 'lax', signed: true, secure: config.secure },
      long: { httpOnly: true, sameSite: 'lax', signed: true, secure: config.secure },
    },
    renderError,
  };
}
