/** openid-client as a strict generic client: it checks every response of this server against the RFCs. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as openid from 'openid-client';
import { signInAndConsent } from '../support/person.js';
import { startServer, type TestServer } from '../support/server.js';

const REDIRECT_URI = 'http://127.0.0.1:8767/callback';
const RESOURCE = 'http://localhost:3001/mcp';
const insecure = { execute: [openid.allowInsecureRequests] };

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server?.stop());

const register = (algorithm: 'oidc' | 'oauth2' = 'oidc'): Promise<openid.Configuration> =>
  openid.dynamicClientRegistration(
    new URL(server.issuer),
    {
      client_name: 'Generic client',
      redirect_uris: [REDIRECT_URI],
      grant_types: ['authorization_code', 'refresh_token'],
      token_endpoint_auth_method: 'none',
    },
    openid.None(),
    { ...insecure, algorithm },
  );

const asResourceServer = (config: openid.Configuration): openid.Configuration => {
  const secret = 'demo-mcp-server-secret';
  const basic = openid.ClientSecretBasic(secret);
  const own = new openid.Configuration(config.serverMetadata(), 'demo-mcp-server', secret, basic);
  openid.allowInsecureRequests(own);
  return own;
};

const authorize = async (config: openid.Configuration, scope: string) => {
  const checks = {
    pkceCodeVerifier: openid.randomPKCECodeVerifier(),
    expectedState: openid.randomState(),
    expectedNonce: openid.randomNonce(),
  };
  const url = openid.buildAuthorizationUrl(config, {
    redirect_uri: REDIRECT_URI,
    scope,
    resource: RESOURCE,
    code_challenge: await openid.calculatePKCECodeChallenge(checks.pkceCodeVerifier),
    code_challenge_method: 'S256',
    state: checks.expectedState,
    // OpenID Connect Core §3.1.2.1: a nonce belongs to requests for an ID token.
    ...(scope.split(' ').includes('openid') ? { nonce: checks.expectedNonce } : {}),
  });
  return { checks, redirect: await signInAndConsent(url) };
};

describe('a strict generic client', () => {
  test('discovers, registers, authorizes, exchanges, refreshes, is introspected, and revokes', async () => {
    const config = await register();
    expect(config.serverMetadata().supportsPKCE('S256')).toBe(true);
    expect(config.serverMetadata().authorization_response_iss_parameter_supported).toBe(true);

    const { checks, redirect } = await authorize(config, 'openid email mcp:read mcp:write');
    const first = await openid.authorizationCodeGrant(
      config,
      redirect,
      { ...checks, idTokenExpected: true },
      { resource: RESOURCE },
    );
    expect(first.token_type).toBe('bearer');
    expect(first.expires_in).toBe(3600);

    const resourceServer = asResourceServer(config);
    const answer = await openid.tokenIntrospection(resourceServer, first.access_token);
    expect(answer).toMatchObject({
      active: true,
      client_id: config.clientMetadata().client_id,
      username: 'ada@example.com',
      sub: first.claims()?.sub,
      iss: server.issuer,
      aud: RESOURCE,
      token_type: 'Bearer',
      org_name: 'Acme Robotics',
      roles: [{ role: 'account-owner' }],
    });

    const second = await openid.refreshTokenGrant(config, first.refresh_token ?? '', { resource: RESOURCE });
    expect(second.refresh_token).not.toBe(first.refresh_token);
    expect((await openid.tokenIntrospection(resourceServer, second.access_token)).active).toBe(true);

    await openid.tokenRevocation(config, second.refresh_token ?? '');
    expect(await openid.tokenIntrospection(resourceServer, second.access_token)).toEqual({ active: false });
    expect(await openid.tokenIntrospection(resourceServer, first.access_token)).toEqual({ active: false });
  });

  test('does the same as a plain OAuth client, without openid and with RFC 8414 discovery', async () => {
    const config = await register('oauth2');
    const { checks, redirect } = await authorize(config, 'mcp:read');
    const { pkceCodeVerifier, expectedState } = checks;
    const tokens = await openid.authorizationCodeGrant(config, redirect, { pkceCodeVerifier, expectedState });
    expect(tokens.id_token).toBeUndefined();
    expect(tokens.scope).toBe('mcp:read');
  });

  test('finds the iss of RFC 9207 in the authorization response, and refuses a response without it', async () => {
    const config = await register();
    const { checks, redirect } = await authorize(config, 'openid mcp:read');
    expect(redirect.searchParams.get('iss')).toBe(server.issuer);
    const stripped = new URL(redirect);
    stripped.searchParams.delete('iss');
    await expect(openid.authorizationCodeGrant(config, stripped, checks)).rejects.toMatchObject({
      cause: { message: expect.stringContaining('"iss"') },
    });
    await expect(openid.authorizationCodeGrant(config, redirect, checks)).resolves.toBeDefined();
  });

  test('gets the same metadata from both well-known documents, and nothing in it that is not served', async () => {
    const config = await openid.discovery(new URL(server.issuer), 'any', undefined, openid.None(), insecure);
    const oauth = await openid.discovery(new URL(server.issuer), 'any', undefined, openid.None(), {
      ...insecure,
      algorithm: 'oauth2',
    });
    const metadata = config.serverMetadata();
    expect(oauth.serverMetadata()).toMatchObject({
      issuer: server.issuer,
      authorization_endpoint: metadata.authorization_endpoint,
      token_endpoint: metadata.token_endpoint,
    });
    for (const [name, value] of Object.entries(metadata)) {
      if (!name.endsWith('_endpoint') && name !== 'jwks_uri') continue;
      const method = ['authorization_endpoint', 'userinfo_endpoint', 'jwks_uri'].includes(name) ? 'GET' : 'POST';
      expect(`${name} ${(await fetch(String(value), { method })).status}`).not.toBe(`${name} 404`);
    }
  });
});
