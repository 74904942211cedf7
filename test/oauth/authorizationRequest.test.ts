/** Authorization requests in all the forms that the specifications allow, beside the one that MCP clients use. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Browser } from '../support/browser.js';
import { introspect, request, TestClient, tokensOf } from '../support/client.js';
import { clientRedirect, Person, signInAndConsent } from '../support/person.js';
import { startServer, type TestServer } from '../support/server.js';

let server: TestServer;
let client: TestClient;
beforeAll(async () => {
  server = await startServer({ issuerPath: '/oauth' });
});
// What a client was granted before is kept when it connects again.
beforeEach(async () => {
  client = await TestClient.register(server);
});
afterAll(() => server?.stop());

describe('redirect_uri', () => {
  test('may be left out by a client that registered one, at /authorize and at /token (OAuth 2.1 §4.1.1, §10.2)', async () => {
    const { url, verifier } = client.authorize({ redirect_uri: undefined });
    const redirect = await signInAndConsent(url);
    expect(`${redirect.origin}${redirect.pathname}`).toBe(client.redirectUri);
    const code = redirect.searchParams.get('code') ?? '';
    const tokens = tokensOf(await client.exchange(code, verifier, { redirect_uri: undefined }));
    expect((await introspect(server, tokens.accessToken)).json.active).toBe(true);
  });

  test('may not be left out at /token when the request went to another address than the one registered', async () => {
    const moved = TestClient.known(server, client.clientId, 'http://127.0.0.1:9999/callback');
    const { code, verifier } = await moved.code();
    const refused = await moved.exchange(code, verifier, { redirect_uri: undefined });
    expect(`${refused.status} ${refused.json.error}`).toBe('400 invalid_grant');
    expect((await moved.exchange(code, verifier)).status).toBe(200);
  });

  test('may not be left out by a client that registered several', async () => {
    const { json } = await request(server.url('/register'), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ redirect_uris: ['http://127.0.0.1:8765/callback', 'http://127.0.0.1:8765/other'] }),
    });
    const several = TestClient.known(server, String(json.client_id));
    expect((await new Person().open(several.authorize({ redirect_uri: undefined }).url)).status).toBe(400);
    const { code, verifier } = await several.code();
    const refused = await several.exchange(code, verifier, { redirect_uri: undefined });
    expect(`${refused.status} ${refused.json.error}`).toBe('400 invalid_request');
    expect((await several.exchange(code, verifier)).status).toBe(200);
  });
});

describe('scope', () => {
  test.each([
    ['a space behind it', 'mcp:read '],
    ['several spaces', ' mcp:read   mcp:write'],
    ['a line break', 'mcp:read\nmcp:write'],
    ['a scope that no server can have', 'mcp:read "quoted" back\\slash'],
  ])('with %s is read for what is known in it', async (_what, scope) => {
    const { answer } = await client.connect({}, { scope });
    expect(String(answer.json.scope).split(' ')).toEqual(
      scope.includes('write') ? ['mcp:read', 'mcp:write'] : ['mcp:read'],
    );
  });
});

describe('A request that is posted (OpenID Connect Core §3.1.2.1)', () => {
  const post = (browser: Browser, body: string, type = 'application/x-www-form-urlencoded') =>
    browser.send(new URL(server.url('/authorize')), {
      method: 'POST',
      headers: { 'content-type': type, 'sec-fetch-site': 'cross-site' },
      body,
    });
  const parametersOf = (url: string): string => new URL(url).search.slice(1);

  test('leads to the same pages and to a code as one in the query', async () => {
    const { url, verifier, state } = client.authorize();
    const person = new Person();
    const answer = await post(person.browser, parametersOf(url));
    expect(answer.status).toBe(303);
    const consent = await person.openConsent(new URL(answer.headers.get('location') ?? '', server.issuer));
    const redirect = clientRedirect(await person.decide(consent, 'Acme Robotics'));
    expect(redirect.searchParams.get('state')).toBe(state);
    expect((await client.exchange(redirect.searchParams.get('code') ?? '', verifier)).status).toBe(200);
  });

  test('is refused like one in the query: two resources go to the client, two clients to nobody', async () => {
    const posted = (more: string) => post(new Browser(), `${parametersOf(client.authorize().url)}&${more}`);
    const twice = new URL((await posted('resource=https%3A%2F%2Fb.example')).headers.get('location') ?? '');
    expect(`${twice.origin}${twice.pathname}`).toBe(client.redirectUri);
    expect(twice.searchParams.get('error')).toBe('invalid_target');
    const unclear = await posted('client_id=somebody-else');
    expect(`${unclear.status} ${unclear.headers.get('location')}`).toBe('400 null');
  });

  test('must be a form of at most 64 KB', async () => {
    expect((await post(new Browser(), '{}', 'application/json')).status).toBe(415);
    expect((await post(new Browser(), `state=${'x'.repeat(65_536)}`)).status).toBe(413);
  });
});
