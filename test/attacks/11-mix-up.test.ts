/** Mix-up (RFC 9207): every authorization response names its issuer, exactly as the metadata does. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { request, TestClient } from '../support/client.js';
import { clientRedirect, Person, signInAndConsent } from '../support/person.js';
import { startServer, type TestServer } from '../support/server.js';

describe.each([
  ['at the root of a host', ''],
  ['with a path', '/oauth'],
])('An issuer %s', (_where, issuerPath) => {
  let server: TestServer;
  let client: TestClient;
  let issuer: unknown;
  beforeAll(async () => {
    server = await startServer({ issuerPath });
    client = await TestClient.register(server);
    issuer = (await request(server.url('/.well-known/oauth-authorization-server'))).json.issuer;
  });
  afterAll(() => server?.stop());

  test('is the same string in every form of the metadata, which announces iss', async () => {
    for (const document of ['oauth-authorization-server', 'openid-configuration'])
      for (const path of [
        `/.well-known/${document}${issuerPath}`,
        `${issuerPath}/.well-known/${document}`,
        `/.well-known/${document}`,
      ]) {
        const { json } = await request(`http://localhost:${server.port}${path}`);
        expect(`${path} ${json.issuer}`).toBe(`${path} ${server.issuer}`);
        expect(json.authorization_response_iss_parameter_supported).toBe(true);
      }
  });

  test('stands in a success', async () => {
    const redirect = await signInAndConsent(client.authorize().url);
    expect(redirect.searchParams.get('code')).toBeTruthy();
    expect(redirect.searchParams.getAll('iss')).toEqual([issuer]);
  });

  test('stands in a denial', async () => {
    const redirect = await signInAndConsent(client.authorize().url, { decision: 'deny' });
    expect(redirect.searchParams.get('error')).toBe('access_denied');
    expect(redirect.searchParams.getAll('iss')).toEqual([issuer]);
  });

  test.each([
    ['no PKCE', { code_challenge: undefined }],
    ['another response type', { response_type: 'token' }],
    ['another response mode', { response_mode: 'form_post' }],
    ['prompt=none', { prompt: 'none' }],
    ['an unknown resource', { resource: 'https://unknown.example.com/' }],
    ['a request object', { request: 'eyJhbGciOiJub25lIn0.e30.' }],
    ['a forged iss parameter', { iss: 'https://evil.example', prompt: 'none' }],
  ])('stands in the error of %s', async (_what, overrides) => {
    const { url, state } = client.authorize(overrides as Record<string, string | undefined>);
    const redirect = clientRedirect(await new Person().open(url));
    expect(redirect.searchParams.get('error')).toBeTruthy();
    expect(redirect.searchParams.get('state')).toBe(state);
    expect(redirect.searchParams.getAll('iss')).toEqual([issuer]);
  });
});
