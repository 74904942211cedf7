/** Clients from npm that sign: the MCP SDK's provider, and oauth4webapi, which validates every response strictly. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { PrivateKeyJwtProvider } from '@modelcontextprotocol/sdk/client/auth-extensions.js';
import { importJWK } from 'jose';
import * as oauth from 'oauth4webapi';
import { introspect } from '../support/client.js';
import { configFor, type ServerWithDemo, startServerWithDemo } from '../support/demoServer.js';
import { type DocumentHost, PLAIN_DOCUMENT, startDocumentHost } from '../support/documentHost.js';
import { connectMcp, MemoryAuth, whoAmI } from '../support/mcpClient.js';
import { signInAndConsent } from '../support/person.js';
import { startServer, type TestServer } from '../support/server.js';
import { type ClientKey, newClientKey, registration } from '../support/signingClient.js';

/** A host with a registration of its own, which authenticates as the SDK's provider does. */
class SigningAuth extends MemoryAuth {
  readonly addClientAuthentication;
  constructor(clientId: string, key: ClientKey) {
    super();
    const { privateJwk, alg } = key;
    const provider = new PrivateKeyJwtProvider({ clientId, privateKey: { ...privateJwk }, algorithm: alg });
    this.addClientAuthentication = provider.addClientAuthentication;
    this.stored.client = { client_id: clientId };
  }
}

describe('The MCP SDK with PrivateKeyJwtProvider', () => {
  let both: ServerWithDemo;
  beforeAll(async () => {
    both = await startServerWithDemo();
  });
  afterAll(() => both?.stop());

  test.each(['RS256', 'ES256', 'EdDSA'] as const)('connects and refreshes by itself with %s', async (alg) => {
    const key = await newClientKey(alg);
    const redirect_uris = [new MemoryAuth().redirectUrl];
    const { json } = await registration(both.server, { redirect_uris, jwks: { keys: [key.publicJwk] } });
    const auth = new SigningAuth(String(json.client_id), key);
    const client = await connectMcp(both.resource, auth);
    expect((await whoAmI(client)).organization.name).toBe('Acme Robotics');
    const before = auth.stored.tokens?.refresh_token;
    auth.stored.tokens = { ...auth.stored.tokens, access_token: 'expired', token_type: 'Bearer' };
    expect((await whoAmI(client)).account).toBe('ada@example.com');
    expect(auth.stored.tokens?.refresh_token).not.toBe(before);
    expect(auth.opened).toHaveLength(1);
    await client.close();
  });
});

describe.each([
  ['at the root of a host', ''],
  ['with a path', '/oauth'],
])('oauth4webapi on an issuer %s', (_where, issuerPath) => {
  const REDIRECT_URI = 'http://127.0.0.1:8769/callback';
  const RESOURCE = 'http://localhost:3001/mcp';
  const insecure = { [oauth.allowInsecureRequests]: true };
  const withResource = { ...insecure, additionalParameters: { resource: RESOURCE } };
  let vendor: DocumentHost;
  let server: TestServer;
  beforeAll(async () => {
    vendor = await startDocumentHost();
    const clientPolicy = { metadataDocuments: { privateHosts: [vendor.host] } };
    server = await startServer({
      issuerPath,
      config: { ...(await configFor(RESOURCE)), clientPolicy },
      env: vendor.env,
    });
  });
  afterAll(async () => {
    await server?.stop();
    await vendor?.stop();
  });

  const discovered = async () => {
    const issuer = new URL(server.issuer);
    const found = await oauth.discoveryRequest(issuer, { ...insecure, algorithm: 'oauth2' });
    return oauth.processDiscoveryResponse(issuer, found);
  };

  const ways: [string, (key: ClientKey) => Promise<string>][] = [
    [
      'registered',
      async (key) => {
        const fields = { redirect_uris: [REDIRECT_URI], jwks: { keys: [key.publicJwk] } };
        return String((await registration(server, fields)).json.client_id);
      },
    ],
    [
      'described by a document with jwks_uri',
      async (key) =>
        vendor.serve(`/${key.kid}/client.json`, {
          ...PLAIN_DOCUMENT,
          redirect_uris: [REDIRECT_URI],
          token_endpoint_auth_method: 'private_key_jwt',
          jwks_uri: vendor.serve(`/${key.kid}/jwks`, JSON.stringify({ keys: [key.publicJwk] })),
        }),
    ],
  ];
  test.each(ways)('%s: code, refresh and revocation', async (_how, known) => {
    const key = await newClientKey('PS256');
    const signing = (await importJWK(key.privateJwk, 'PS256')) as CryptoKey;
    const as = await discovered();
    expect(as.token_endpoint_auth_signing_alg_values_supported).toContain('PS256');
    const client: oauth.Client = { client_id: await known(key) };
    const authentication = oauth.PrivateKeyJwt({ key: signing, kid: key.kid });

    const verifier = oauth.generateRandomCodeVerifier();
    const url = new URL(as.authorization_endpoint ?? '');
    url.search = new URLSearchParams({
      response_type: 'code',
      client_id: client.client_id,
      redirect_uri: REDIRECT_URI,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      resource: RESOURCE,
    }).toString();
    const callback = oauth.validateAuthResponse(as, client, await signInAndConsent(url));
    const first = await oauth.processAuthorizationCodeResponse(
      as,
      client,
      await oauth.authorizationCodeGrantRequest(
        as,
        client,
        authentication,
        callback,
        REDIRECT_URI,
        verifier,
        withResource,
      ),
    );
    const second = await oauth.processRefreshTokenResponse(
      as,
      client,
      await oauth.refreshTokenGrantRequest(as, client, authentication, first.refresh_token ?? '', withResource),
    );
    expect((await introspect(server, second.access_token)).json.active).toBe(true);
    await oauth.processRevocationResponse(
      await oauth.revocationRequest(as, client, authentication, second.refresh_token ?? '', insecure),
    );
    expect((await introspect(server, second.access_token)).json).toEqual({ active: false });
  });
});
