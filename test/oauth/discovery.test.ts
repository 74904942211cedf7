/** Discovery and CORS: where the metadata is found, what stands in it, and which endpoints web clients may call. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { request, TestClient } from '../support/client.js';
import { configFor } from '../support/demoServer.js';
import { startServer, type TestServer } from '../support/server.js';

const ORIGIN = 'https://inspector.example.com';

const preflight = (url: string, method: string) =>
  request(url, {
    method: 'OPTIONS',
    headers: {
      origin: ORIGIN,
      'access-control-request-method': method,
      'access-control-request-headers': 'authorization,content-type,mcp-protocol-version',
    },
  });

describe.each([
  ['at the root of a host', ''],
  ['with a path', '/oauth'],
  ['with a path of two segments', '/tenants/one'],
])('An issuer %s', (_where, issuerPath) => {
  let server: TestServer;
  let origin: string;
  beforeAll(async () => {
    server = await startServer({ issuerPath });
    origin = new URL(server.issuer).origin;
  });
  afterAll(() => server?.stop());

  const forms = () =>
    ['oauth-authorization-server', 'openid-configuration'].flatMap((document) => [
      `${origin}/.well-known/${document}${issuerPath}`,
      `${origin}${issuerPath}/.well-known/${document}`,
      `${origin}/.well-known/${document}`,
    ]);

  test('serves the same metadata in every form that clients probe, with the issuer byte for byte', async () => {
    const answers = await Promise.all(
      forms().map((url) => request(url, { headers: { 'mcp-protocol-version': '2025-06-18' } })),
    );
    for (const answer of answers) {
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
      expect(answer.json.issuer).toBe(server.issuer);
      expect(answer.text).toBe(answers[0]?.text);
    }
  });

  test('advertises what it does, all of it below the issuer, and nothing beyond', async () => {
    const { json } = await request(server.url('/.well-known/openid-configuration'));
    expect(json).toEqual({
      issuer: server.issuer,
      authorization_endpoint: server.url('/authorize'),
      token_endpoint: server.url('/token'),
      registration_endpoint: server.url('/register'),
      revocation_endpoint: server.url('/revoke'),
      introspection_endpoint: server.url('/introspect'),
      userinfo_endpoint: server.url('/userinfo'),
      jwks_uri: server.url('/jwks'),
      client_id_metadata_document_supported: true,
      scopes_supported: ['mcp:read', 'mcp:write', 'openid', 'profile', 'email', 'offline_access'],
      response_types_supported: ['code'],
      response_modes_supported: ['query'],
      grant_types_supported: ['authorization_code', 'refresh_token'],
      code_challenge_methods_supported: ['S256'],
      token_endpoint_auth_methods_supported: ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'],
      token_endpoint_auth_signing_alg_values_supported: ['RS256', 'PS256', 'ES256', 'EdDSA'],
      revocation_endpoint_auth_methods_supported: [
        'none',
        'client_secret_basic',
        'client_secret_post',
        'private_key_jwt',
      ],
      revocation_endpoint_auth_signing_alg_values_supported: ['RS256', 'PS256', 'ES256', 'EdDSA'],
      introspection_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
      authorization_response_iss_parameter_supported: true,
      request_parameter_supported: false,
      request_uri_parameter_supported: false,
      claims_parameter_supported: false,
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
      claims_supported: ['sub', 'iss', 'aud', 'exp', 'iat', 'auth_time', 'nonce', 'name', 'email', 'email_verified'],
    });
  });

  test.each(['/par', '/device', '/device/auth', '/session/end', '/backchannel', '/register/any'])(
    'serves nothing at %s',
    async (path) => {
      expect((await request(server.url(path), { method: 'POST', body: new URLSearchParams() })).status).toBe(404);
    },
  );

  test('lets web clients of any origin call discovery, keys, registration, token, revocation and userinfo', async () => {
    const methods: [string, string][] = [
      ...forms().map((url): [string, string] => [url, 'GET']),
      [server.url('/jwks'), 'GET'],
      [server.url('/register'), 'POST'],
      [server.url('/token'), 'POST'],
      [server.url('/revoke'), 'POST'],
      [server.url('/userinfo'), 'GET'],
      [server.url('/userinfo'), 'POST'],
    ];
    for (const [url, method] of methods) {
      const answer = await preflight(url, method);
      expect(`${url} ${answer.status}`).toBe(`${url} 204`);
      expect(answer.headers.get('access-control-allow-origin')).toBe('*');
      expect(answer.headers.get('access-control-allow-methods')).toContain(method);
      expect(answer.headers.get('access-control-allow-headers')).toMatch(
        /^(?=.*authorization)(?=.*content-type)(?=.*mcp-protocol-version)/i,
      );
      expect(answer.headers.has('access-control-allow-credentials')).toBe(false);
      // Refusals must be readable too: the client learns what to do from them.
      const real = await request(url, { method, headers: { origin: ORIGIN } });
      expect(`${url} ${real.headers.get('access-control-allow-origin')}`).toBe(`${url} *`);
      expect(real.headers.has('access-control-allow-credentials')).toBe(false);
    }
  });

  test('tells which methods an endpoint has to whoever asks with OPTIONS alone', async () => {
    const allowed: [string, string][] = [
      ...forms().map((url): [string, string] => [url, 'GET, HEAD, OPTIONS']),
      [server.url('/jwks'), 'GET, HEAD, OPTIONS'],
      [server.url('/register'), 'POST, OPTIONS'],
      [server.url('/token'), 'POST, OPTIONS'],
      [server.url('/revoke'), 'POST, OPTIONS'],
      [server.url('/introspect'), 'POST, OPTIONS'],
      [server.url('/userinfo'), 'GET, HEAD, POST, OPTIONS'],
    ];
    for (const [url, methods] of allowed) {
      const answer = await request(url, { method: 'OPTIONS' });
      expect(`${url} ${answer.status} ${answer.headers.get('allow')}`).toBe(`${url} 204 ${methods}`);
    }
    expect((await request(server.url('/jwks'), { method: 'HEAD' })).status).toBe(200);
  });

  test.each([
    ['/token', 'GET', 'POST, OPTIONS'],
    ['/revoke', 'GET', 'POST, OPTIONS'],
    ['/introspect', 'GET', 'POST, OPTIONS'],
    ['/register', 'PUT', 'POST, OPTIONS'],
    ['/userinfo', 'DELETE', 'GET, HEAD, POST, OPTIONS'],
    ['/jwks', 'POST', 'GET, HEAD, OPTIONS'],
    ['/.well-known/oauth-authorization-server', 'POST', 'GET, HEAD, OPTIONS'],
  ])('tells a client that asks %s with %s which methods it has', async (path, method, methods) => {
    const answer = await request(server.url(path), { method, headers: { origin: ORIGIN } });
    expect(`${answer.status} ${answer.headers.get('allow')}`).toBe(`405 ${methods}`);
    expect(answer.json.error_description).toBe(`This endpoint takes ${methods} and not ${method}.`);
    expect(answer.headers.get('access-control-allow-origin')).toBe(path === '/introspect' ? null : '*');
  });

  test('lets no other origin call introspection or read a page', async () => {
    const client = await TestClient.register(server);
    for (const [url, method] of [
      [server.url('/introspect'), 'POST'],
      [server.url('/login'), 'GET'],
      [server.url('/account/connections'), 'GET'],
      [client.authorize().url, 'GET'],
    ] as const) {
      for (const answer of [await preflight(url, method), await request(url, { method, headers: { origin: ORIGIN } })])
        for (const name of ['origin', 'methods', 'headers', 'credentials'])
          expect(`${url} ${name} ${answer.headers.get(`access-control-allow-${name}`)}`).toBe(`${url} ${name} null`);
    }
  });
});

test('registration that is switched off is not advertised and not served', async () => {
  const config = { ...(await configFor('http://localhost:3001/mcp')), clientPolicy: { dynamicRegistration: false } };
  const server = await startServer({ config });
  try {
    const { json } = await request(server.url('/.well-known/oauth-authorization-server'));
    expect(json).not.toHaveProperty('registration_endpoint');
    const answer = await request(server.url('/register'), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ redirect_uris: ['http://localhost/cb'] }),
    });
    expect(answer.status).toBe(404);
  } finally {
    await server.stop();
  }
});
