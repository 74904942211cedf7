/** The upstream as an OpenID provider: where people are sent, and who comes back (OpenID Connect Core, code flow, PKCE). */
import type { Configuration } from 'openid-client';
import { discovering, library } from './discovery.js';
import { type Claims, identityOf, type UpstreamIdentity } from './identity.js';
import type { Proofs, Purpose } from './pendingSignIn.js';
import type { UpstreamSettings } from './settings.js';
import { refusalOf } from './upstreamFailure.js';
import { inTime } from './upstreamFetch.js';

export interface Upstream {
  readonly settings: UpstreamSettings;
  /**
   * Where the browser goes to sign in.
   * @param redirectUri where it comes back to
   * @throws UpstreamRefusal
   */
  address(redirectUri: string, proofs: Proofs, purpose: Purpose): Promise<URL>;
  /**
   * Who came back.
   * @param url the address that the browser came back to, with the answer in its query
   * @param proofs of the sign-in that was begun
   * @throws UpstreamRefusal
   */
  identity(url: URL, proofs: Proofs): Promise<UpstreamIdentity>;
}

/** An upstream that is asked for nothing before somebody wants to sign in, so that this server starts without it. */
export function createUpstream(settings: UpstreamSettings): Upstream {
  const configuration = discovering(settings);
  return {
    settings,
    address: (redirectUri, proofs, purpose) =>
      answered(async () => authorizationUrl(settings, await configuration(), redirectUri, proofs, purpose)),
    identity: (url, proofs) => answered(async () => identityFrom(settings, await configuration(), url, proofs)),
  };
}

async function answered<T>(ask: () => Promise<T>): Promise<T> {
  const { AuthorizationResponseError, ClientError, ResponseBodyError, WWWAuthenticateChallengeError } = await library();
  try {
    return await inTime(ask);
  } catch (error) {
    throw refusalOf(error, {
      AuthorizationResponseError,
      ClientError,
      ResponseBodyError,
      WWWAuthenticateChallengeError,
    });
  }
}

async function authorizationUrl(
  { scopes }: UpstreamSettings,
  configuration: Configuration,
  redirectUri: string,
  { state, nonce, codeVerifier }: Proofs,
  { again, since }: Purpose,
): Promise<URL> {
  const { buildAuthorizationUrl, calculatePKCECodeChallenge } = await library();
  return buildAuthorizationUrl(configuration, {
    redirect_uri: redirectUri,
    scope: scopes.join(' '),
    state,
    nonce,
    code_challenge: await calculatePKCECodeChallenge(codeVerifier),
    code_challenge_method: 'S256',
    ...(again && { prompt: 'login' }),
    ...(since > 0 && { max_age: String(Math.max(0, Math.floor((Date.now() - since) / 1_000))) }),
  });
}

async function identityFrom(
  settings: UpstreamSettings,
  configuration: Configuration,
  url: URL,
  { state, nonce, codeVerifier }: Proofs,
): Promise<UpstreamIdentity> {
  const { authorizationCodeGrant, fetchUserInfo } = await library();
  const tokens = await authorizationCodeGrant(configuration, url, {
    expectedState: state,
    expectedNonce: nonce,
    pkceCodeVerifier: codeVerifier,
    idTokenExpected: true,
  });
  const idToken = tokens.claims();
  if (!idToken) throw new Error('The upstream sent no id_token.');
  // Many put name, address and groups there alone.
  const userInfo: Claims = configuration.serverMetadata().userinfo_endpoint
    ? await fetchUserInfo(configuration, tokens.access_token, idToken.sub)
    : {};
  return identityOf(idToken, userInfo, settings);
}
