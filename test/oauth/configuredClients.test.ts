/** Clients and resource servers of the configuration file: checked at start, and understood however they encode a secret. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { basic, form, request, TestClient } from '../support/client.js';
import { configFor } from '../support/demoServer.js';
import { startServer, type TestServer } from '../support/server.js';

const RESOURCE = 'http://localhost:3001/mcp';
const CALLBACK = 'https://agent.example.com/callback';
// What `openssl rand -base64 32` makes: a plus, a slash and an equals sign.
const SECRET = 'k+2Vq/8s+0Rr1Zp4+Yt6Wm9Xc3Bv5Nn7Lk1Jh8Gf4D0=';
const OTHER = 'Zz+9Qq/7w+1Ee3Rr5+Tt7Yy9Uu1Ii3Oo5Pp7Aa9Ss1Q=';

describe('A pre-registered client that cannot be used stops the start', () => {
  test.each([
    [
      'a remote http redirect URI',
      { redirect_uris: ['http://agent.example.com/callback'] },
      /redirect_uris must use https/,
    ],
    ['no redirect URI', {}, /redirect_uris must be an array/],
    [
      'an authentication method without its secret',
      { redirect_uris: [CALLBACK], token_endpoint_auth_method: 'client_secret_basic' },
      /client_secret/,
    ],
    [
      'an authentication method that this server does not have',
      { redirect_uris: [CALLBACK], token_endpoint_auth_method: 'tls_client_auth' },
      /token_endpoint_auth_method/,
    ],
    [
      'an authentication method without its keys',
      { redirect_uris: [CALLBACK], token_endpoint_auth_method: 'private_key_jwt' },
      /private_key_jwt needs exactly one of jwks and jwks_uri/,
    ],
    [
      'a private key',
      {
        redirect_uris: [CALLBACK],
        token_endpoint_auth_method: 'private_key_jwt',
        jwks: { keys: [{ kty: 'OKP', crv: 'Ed25519', x: 'x', d: 'd' }] },
      },
      /jwks has a private or symmetric key/,
    ],
  ])('%s', async (_what, metadata, problem) => {
    const clients = [{ client_id: 'agent', ...metadata }];
    const started = startServer({ config: { ...(await configFor(RESOURCE)), clients } });
    const message = await started.then(
      (server) => server.stop().then(() => 'it started'),
      (error: Error) => error.message,
    );
    expect(message).toMatch(problem);
    expect(message).toMatch(/The server did not start\. CONFIG_FILE: the client "agent"/);
    expect(message).not.toMatch(/^\s+at /m);
  });
});

describe('A secret with a plus in it, sent in HTTP Basic', () => {
  let server: TestServer;
  let client: TestClient;
  beforeAll(async () => {
    const config = await configFor(RESOURCE);
    server = await startServer({
      config: {
        ...config,
        resourceServers: [
          {
            clientId: 'demo-mcp-server',
            clientSecrets: [SECRET],
            resources: [RESOURCE],
            exchangeFor: [{ resource: RESOURCE, scopes: ['mcp:read'] }],
          },
        ],
        clients: [
          {
            client_id: 'agent',
            client_secret: OTHER,
            redirect_uris: [CALLBACK],
            token_endpoint_auth_method: 'client_secret_basic',
          },
        ],
      },
    });
    client = TestClient.known(server, 'agent', CALLBACK);
  });
  afterAll(() => server?.stop());

  const encodings: [string, (secret: string) => string][] = [
    ['form-encoded, as RFC 6749 §2.3.1 asks', (secret) => encodeURIComponent(secret)],
    ['as it is, as many clients do', (secret) => secret],
  ];

  test.each(encodings)('%s, is understood from a resource server', async (_how, encoded) => {
    const asServer = basic('demo-mcp-server', encoded(SECRET));
    const asks = (path: string, fields: Record<string, string>) =>
      request(server.url(path), { method: 'POST', headers: asServer, body: form(fields) });
    expect((await asks('/introspect', { token: 'nonsense' })).text).toBe('{"active":false}');
    const exchange = await asks('/token', {
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token: 'nonsense',
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      resource: RESOURCE,
    });
    expect(`${exchange.status} ${exchange.json.error}`).toBe('400 invalid_request');
  });

  test.each(encodings)('%s, is understood from a pre-registered client', async (_how, encoded) => {
    const { code, verifier } = await client.code();
    const answer = await request(server.url('/token'), {
      method: 'POST',
      headers: basic('agent', encoded(OTHER)),
      body: form({ grant_type: 'authorization_code', code, code_verifier: verifier, redirect_uri: CALLBACK }),
    });
    expect(`${answer.status} ${answer.json.token_type}`).toBe('200 Bearer');
  });

  test('is still compared: another one is 401', async () => {
    const wrong = basic('demo-mcp-server', SECRET.replaceAll('+', '-'));
    const answer = await request(server.url('/introspect'), {
      method: 'POST',
      headers: wrong,
      body: form({ token: 'x' }),
    });
    expect(answer.status).toBe(401);
  });
});
