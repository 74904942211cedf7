/** A client metadata document that claims what only this server decides: the server's fields win. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { form, request, TestClient } from '../support/client.js';
import { RESOURCE } from '../support/clientRow.js';
import { configFor } from '../support/demoServer.js';
import { type DocumentHost, PLAIN_DOCUMENT, startDocumentHost } from '../support/documentHost.js';
import { Person, signInAndConsent } from '../support/person.js';
import { startServer, type TestServer } from '../support/server.js';

const REDIRECT_URI = 'http://localhost/callback';
const VERIFIER = 'v'.repeat(43);
const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url');

let vendor: DocumentHost;
let server: TestServer;
let documents = 0;
beforeAll(async () => {
  vendor = await startDocumentHost();
  const policy = { metadataDocuments: { privateHosts: [vendor.host] } };
  server = await startServer({ config: { ...(await configFor(RESOURCE)), clientPolicy: policy }, env: vendor.env });
});
afterAll(async () => {
  await server?.stop();
  await vendor?.stop();
});

/** @param document fields beside those of a plain one, or the whole text made from its address */
const documented = (document: object | ((clientId: string) => string)): string => {
  const path = `/client-${++documents}.json`;
  const content = typeof document === 'function' ? document(vendor.url(path)) : { ...PLAIN_DOCUMENT, ...document };
  return vendor.serve(path, content, { 'cache-control': 'max-age=300' });
};
const urlFor = (clientId: string, redirectUri = REDIRECT_URI): string => {
  const query = form({
    client_id: clientId,
    response_type: 'code',
    redirect_uri: redirectUri,
    code_challenge: CHALLENGE,
    code_challenge_method: 'S256',
  });
  return `${server.url('/authorize')}?${query}`;
};
const token = (parameters: Record<string, string>) =>
  request(server.url('/token'), { method: 'POST', body: form(parameters) });

test.each([
  ['client_secret', { client_secret: 'chosen-by-the-client-itself-0123456789' }],
  ['client_secret_expires_at', { client_secret_expires_at: 0 }],
  ['a way to authenticate with a secret', { token_endpoint_auth_method: 'client_secret_basic' }],
  ['a way to authenticate that is not supported', { token_endpoint_auth_method: 'tls_client_auth' }],
  ['no redirect_uris', { redirect_uris: [] }],
  ['nothing but dangerous redirect_uris', { redirect_uris: ['javascript:alert(1)', 'http://evil.example/', 5] }],
  ['redirect_uris that are no list', { redirect_uris: REDIRECT_URI }],
  ['no name', { client_name: undefined }],
  ['a name that is no text', { client_name: { toString: 'x' } }],
])('a document with %s is refused', async (_what, document) => {
  const page = await new Person().open(urlFor(documented(document)));
  expect(`${page.status} ${page.leftFor}`).toBe('400 undefined');
});

test('a dangerous redirect_uri beside an acceptable one is left out, and nobody is sent there', async () => {
  const dangerous = ['javascript:alert(1)', 'http://evil.example/', 'https://user@evil.example/', 'file:///etc/passwd'];
  const clientId = documented({ redirect_uris: [...dangerous, 5, null, {}, REDIRECT_URI] });
  for (const uri of dangerous) {
    const page = await new Person().open(urlFor(clientId, uri));
    expect(`${uri} ${page.status} ${page.leftFor}`).toBe(`${uri} 400 undefined`);
    expect(page.html.querySelectorAll('main a[href]')).toEqual([]);
  }
  const redirect = await signInAndConsent(urlFor(clientId));
  const code = redirect.searchParams.get('code') ?? '';
  const parameters = { client_id: clientId, grant_type: 'authorization_code', code, code_verifier: VERIFIER };
  for (const uri of dangerous)
    expect((await token({ ...parameters, redirect_uri: uri })).json.error).toBe('invalid_grant');
  expect((await token(parameters)).status).toBe(200);
});

describe('A document that sets grant types, keys and everything else', () => {
  let clientId: string;
  let code: string;
  beforeAll(async () => {
    clientId = documented({
      grant_types: ['authorization_code', 'client_credentials', 'implicit', 'password', 'refresh_token'],
      response_types: ['code', 'token', 'id_token'],
      jwks: { keys: [{ kty: 'RSA', n: 'x', e: 'AQAB' }] },
      jwks_uri: vendor.url('/jwks.json'),
      scope: 'everything',
      default_max_age: 1,
      require_auth_time: true,
      subject_type: 'pairwise',
      id_token_signed_response_alg: 'none',
      userinfo_signed_response_alg: 'none',
      introspection_endpoint_auth_method: 'none',
      client_id_issued_at: 1,
      verifiedHost: 'claude.ai',
      keptUntil: 9_999_999_999_999,
      is_first_party: true,
    });
    const redirect = await signInAndConsent(urlFor(clientId));
    code = redirect.searchParams.get('code') ?? '';
  });

  test.each(['client_credentials', 'password', 'implicit', 'urn:ietf:params:oauth:grant-type:token-exchange'])(
    'gets no token by %s',
    async (grant_type) => {
      const answer = await token({ client_id: clientId, grant_type, username: 'ada@example.com', password: 'x' });
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.status).toBeLessThan(500);
      expect(answer.text).not.toContain('access_token');
    },
  );

  test.each(['token', 'id_token', 'code token', 'none'])('gets nothing by response_type=%s', async (type) => {
    const url = new URL(urlFor(clientId));
    url.searchParams.set('response_type', type);
    const page = await new Person().open(url);
    expect(page.leftFor?.searchParams.get('error')).toBe('unsupported_response_type');
    expect(page.leftFor?.hash).toBe('');
  });

  test('gets the scopes of the resource, as every client does', async () => {
    const answer = await token({
      client_id: clientId,
      grant_type: 'authorization_code',
      code,
      code_verifier: VERIFIER,
      redirect_uri: REDIRECT_URI,
    });
    expect(answer.json).toMatchObject({ scope: 'mcp:read mcp:write', token_type: 'Bearer', expires_in: 3600 });
  });

  test('cannot introspect, and cannot authenticate with a key', async () => {
    const introspection = await request(server.url('/introspect'), {
      method: 'POST',
      body: form({ client_id: clientId, token: 'x' }),
    });
    expect(introspection.status).toBe(401);
    const assertion = await token({
      client_id: clientId,
      grant_type: 'authorization_code',
      code,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: 'eyJhbGciOiJub25lIn0.e30.',
    });
    expect(assertion.status).toBeGreaterThanOrEqual(400);
    expect(assertion.text).not.toContain('access_token');
  });

  test('is shown as verified for its own host alone', async () => {
    const page = await new Person().openConsent(urlFor(clientId));
    expect(page.html.textContent).toContain(`Verified: ${vendor.host}`);
    expect(page.html.textContent).not.toContain('claude.ai');
  });
});

describe('A document with __proto__ and its kind', () => {
  test.each([
    ['redirect_uris of __proto__', '"__proto__":{"redirect_uris":["https://evil.example/"],"client_name":"Evil"}'],
    ['redirect_uris of constructor', '"constructor":{"prototype":{"redirect_uris":["https://evil.example/"]}}'],
  ])('does not get the %s', async (_what, field) => {
    const clientId = documented((id) =>
      JSON.stringify({ client_id: id, ...PLAIN_DOCUMENT }).replace('{', `{${field},`),
    );
    const own = await new Person().open(urlFor(clientId));
    expect(own.status).toBe(200);
    const evil = await new Person().open(urlFor(clientId, 'https://evil.example/'));
    expect(`${evil.status} ${evil.leftFor}`).toBe('400 undefined');
  });

  test('with nothing but __proto__ is no client', async () => {
    const clientId = documented((id) => `{"__proto__":${JSON.stringify({ client_id: id, ...PLAIN_DOCUMENT })}}`);
    expect((await new Person().open(urlFor(clientId))).status).toBe(400);
  });

  test('changes nothing for other clients', async () => {
    const answer = await TestClient.register(server);
    expect((await new Person().open(answer.authorize().url)).status).toBe(200);
  });
});
