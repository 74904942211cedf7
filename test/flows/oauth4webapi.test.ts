/** oauth4webapi validates every response of this server strictly, from discovery to revocation. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as oauth from 'oauth4webapi';
import { signInAndConsent } from '../support/person.js';
import { startServer, type TestServer } from '../support/server.js';

const REDIRECT_URI = 'http://127.0.0.1:8769/callback';
const RESOURCE = 'http://localhost:3001/mcp';
const insecure = { [oauth.allowInsecureRequests]: true };
const withResource = { ...insecure, additionalParameters: { resource: RESOURCE } };

describe.each([
  ['at the root of a host', ''],
  ['with a path', '/oauth'],
])('On an issuer %s', (_where, issuerPath) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ issuerPath });
  });
  afterAll(() => server?.stop());

  test.each(['oidc', 'oauth2'] as const)('found by %s discovery, every response is valid', async (algorithm) => {
    const issuer = new URL(server.issuer);
    const as = await oauth.processDiscoveryResponse(
      issuer,
      await oauth.discoveryRequest(issuer, { ...insecure, algorithm }),
    );

    const client = await oauth.processDynamicClientRegistrationResponse(
      await oauth.dynamicClientRegistrationRequest(
        as,
        {
          client_name: 'Strict client',
          redirect_uris: [REDIRECT_URI],
          grant_types: ['authorization_code', 'refresh_token'],
          response_types: ['code'],
          token_endpoint_auth_method: 'none',
          require_auth_time: true,
        },
        insecure,
      ),
    );
    expect(client.client_secret).toBeUndefined();

    const verifier = oauth.generateRandomCodeVerifier();
    const state = oauth.generateRandomState();
    const nonce = oauth.generateRandomNonce();
    const url = new URL(as.authorization_endpoint ?? '');
    url.search = new URLSearchParams({
      response_type: 'code',
      client_id: client.client_id,
      redirect_uri: REDIRECT_URI,
      scope: 'openid profile email mcp:read',
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      max_age: '300',
      resource: RESOURCE,
      state,
      nonce,
    }).toString();
    const parameters = oauth.validateAuthResponse(as, client, await signInAndConsent(url), state);

    const tokens = await oauth.processAuthorizationCodeResponse(
      as,
      client,
      await oauth.authorizationCodeGrantRequest(
        as,
        client,
        oauth.None(),
        parameters,
        REDIRECT_URI,
        verifier,
        withResource,
      ),
      { expectedNonce: nonce, maxAge: 300, requireIdToken: true },
    );
    const subject = oauth.getValidatedIdTokenClaims(tokens)?.sub ?? '';

    const userinfo = await oauth.processUserInfoResponse(
      as,
      client,
      subject,
      await oauth.userInfoRequest(as, client, tokens.access_token, insecure),
    );
    expect(userinfo).toEqual({
      sub: subject,
      name: 'Ada Lovelace',
      email: 'ada@example.com',
      email_verified: expect.any(Boolean),
    });

    const resourceServer = { client_id: 'demo-mcp-server' };
    const credentials = oauth.ClientSecretBasic('demo-mcp-server-secret');
    const introspected = async (token: string) =>
      oauth.processIntrospectionResponse(
        as,
        resourceServer,
        await oauth.introspectionRequest(as, resourceServer, credentials, token, insecure),
      );
    expect(await introspected(tokens.access_token)).toMatchObject({ active: true, sub: subject, aud: RESOURCE });

    const refreshed = await oauth.processRefreshTokenResponse(
      as,
      client,
      await oauth.refreshTokenGrantRequest(as, client, oauth.None(), tokens.refresh_token ?? '', withResource),
    );
    expect(refreshed.refresh_token).not.toBe(tokens.refresh_token);

    await oauth.processRevocationResponse(
      await oauth.revocationRequest(as, client, oauth.None(), refreshed.refresh_token ?? '', insecure),
    );
    expect(await introspected(refreshed.access_token)).toEqual({ active: false });
    await expect(
      oauth.processRefreshTokenResponse(
        as,
        client,
        await oauth.refreshTokenGrantRequest(as, client, oauth.None(), refreshed.refresh_token ?? '', withResource),
      ),
    ).rejects.toMatchObject({ error: 'invalid_grant', status: 400 });
  });
});
