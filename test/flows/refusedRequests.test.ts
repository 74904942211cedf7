/** Requests that are refused before anything happens, and how. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { basic, DEMO_RESOURCE_SERVER, form, introspect, request, TestClient } from '../support/client.js';
import { clientRedirect, Person, signInAndConsent } from '../support/person.js';
import { startServer, type TestServer } from '../support/server.js';

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const JSON_TYPE = { 'content-type': 'application/json' };

let server: TestServer;
let client: TestClient;
beforeAll(async () => {
  server = await startServer();
  client = await TestClient.register(server);
});
afterAll(() => server?.stop());

describe('introspection', () => {
  test.each([
    ['no credentials', {}],
    ['a wrong secret', basic('demo-mcp-server', 'wrong-secret-of-the-demo-server')],
    ['an unknown client', basic('nobody', 'demo-mcp-server-secret')],
    ['no Basic at all', { authorization: 'Basic' }],
    ['base64 of nothing', { authorization: 'Basic ====' }],
  ])('with %s is 401 invalid_client', async (_what, headers) => {
    const answer = await introspect(server, 'any', headers as Record<string, string>);
    expect(answer.status).toBe(401);
    expect(answer.json.error).toBe('invalid_client');
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  test('by a public client is 401: it is no resource server', async () => {
    const body = form({ token: 'any', client_id: client.clientId });
    expect((await request(server.url('/introspect'), { method: 'POST', body })).status).toBe(401);
  });

  test('accepts client_secret_post as well as Basic', async () => {
    const body = form({ token: 'any', client_id: 'demo-mcp-server', client_secret: 'demo-mcp-server-secret' });
    const answer = await request(server.url('/introspect'), { method: 'POST', body });
    expect(`${answer.status} ${answer.text}`).toBe('200 {"active":false}');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.has('access-control-allow-origin')).toBe(false);
  });

  test('without a token is 400', async () => {
    const answer = await request(server.url('/introspect'), {
      method: 'POST',
      headers: { ...DEMO_RESOURCE_SERVER, ...FORM },
      body: '',
    });
    expect(answer.status).toBe(400);
    expect(answer.json.error).toBe('invalid_request');
  });
});

describe.each(['/token', '/introspect', '/revoke'])('%s', (path) => {
  const post = (headers: Record<string, string>, body: string) =>
    request(server.url(path), { method: 'POST', headers: { ...DEMO_RESOURCE_SERVER, ...headers }, body });

  test('refuses a body of more than 64 KB with 413', async () => {
    expect((await post(FORM, `token=${'x'.repeat(70_000)}`)).status).toBe(413);
  });

  test('refuses a body that is no form with 415', async () => {
    expect((await post(JSON_TYPE, '{"token":"x"}')).status).toBe(415);
    expect((await post({ 'content-type': 'text/plain' }, 'token=x')).status).toBe(415);
  });

  test.each(['%', 'token', '&&==&', 'token=%FF%FE', 'token[a]=1', '__proto__=1&constructor=2', 'token=a&token=b'])(
    'answers the malformed body %s with an error of the client and never with 500',
    async (body) => {
      const { status } = await post(FORM, body);
      expect(status).toBeGreaterThanOrEqual(200);
      expect(status).toBeLessThan(500);
    },
  );
});

describe('/token', () => {
  const post = (body: string) => request(server.url('/token'), { method: 'POST', headers: FORM, body });

  test('answers an unknown client with 401 invalid_client, so that it registers again', async () => {
    const answer = await post('grant_type=refresh_token&refresh_token=x&client_id=from-months-ago');
    expect(answer.status).toBe(401);
    expect(answer.json.error).toBe('invalid_client');
  });

  test('answers a missing or unsupported grant_type with 400', async () => {
    expect((await post(`client_id=${client.clientId}`)).status).toBe(400);
    const answer = await post(`client_id=${client.clientId}&grant_type=password&username=a&password=b`);
    expect(answer.status).toBe(400);
    expect(['unsupported_grant_type', 'unauthorized_client']).toContain(answer.json.error);
  });

  test.each([
    ['authorization_code', 'the parameter code is missing'],
    [
      'authorization_code&code=x&code_verifier=short',
      'the parameter code_verifier must have 43 to 128 of A-Z, a-z, 0-9, - . _ ~ (RFC 7636, section 4.1)',
    ],
    ['refresh_token', 'the parameter refresh_token is missing'],
  ])('says of grant_type=%s that %s', async (grant, problem) => {
    const answer = await post(`client_id=${client.clientId}&grant_type=${grant}`);
    expect(`${answer.status} ${answer.json.error}`).toBe('400 invalid_request');
    expect(answer.json.error_description).toBe(problem);
  });
});

describe('/register', () => {
  const post = (body: string, headers: Record<string, string> = JSON_TYPE) =>
    request(server.url('/register'), { method: 'POST', headers, body });

  test('refuses malformed JSON with 400, another content type with 415, and too much with 413', async () => {
    expect((await post('{"redirect_uris":')).status).toBe(400);
    expect((await post('[]')).status).toBe(400);
    expect((await post('null')).status).toBe(400);
    expect((await post('redirect_uris=x', FORM)).status).toBe(415);
    expect((await post(JSON.stringify({ client_name: 'x'.repeat(70_000) }))).status).toBe(413);
  });

  test.each([
    ['no redirect_uris', {}],
    ['a redirect_uri that is no string', { redirect_uris: [1] }],
    ['a redirect_uri with a fragment', { redirect_uris: ['https://client.example.com/cb#x'] }],
    ['http to a host that is not loopback', { redirect_uris: ['http://client.example.com/cb'] }],
    ['a javascript: URI', { redirect_uris: ['javascript:alert(1)'] }],
  ])('refuses %s with an error of RFC 7591', async (_what, metadata) => {
    const answer = await post(JSON.stringify({ token_endpoint_auth_method: 'none', ...metadata }));
    expect(answer.status).toBe(400);
    expect(['invalid_redirect_uri', 'invalid_client_metadata']).toContain(answer.json.error);
  });
});

describe('/authorize', () => {
  const open = (overrides: Record<string, string | undefined>) => new Person().open(client.authorize(overrides).url);

  test.each([
    ['an unknown client', { client_id: 'from-months-ago' }],
    ['no client', { client_id: undefined }],
    ['a redirect_uri that is not registered', { redirect_uri: 'https://evil.example.com/callback' }],
    ['a redirect_uri that only begins like a registered one', { redirect_uri: 'http://127.0.0.1:8765/callback/../x' }],
  ])('with %s stays on a page that people can read', async (_what, overrides) => {
    const page = await open(overrides);
    expect(page.leftFor).toBeUndefined();
    expect(page.status).toBe(400);
    expect(page.headers.get('content-type')).toMatch(/^text\/html/);
    expect(page.html.querySelector('h1')?.textContent).toBeTruthy();
    const reference = page.html.querySelector('code')?.textContent ?? 'no reference';
    // The log line is written with the answer, and reaches this process a moment after it.
    for (let tries = 0; !server.output().includes(reference) && tries < 100; tries++) await sleep(20);
    expect(server.output()).toContain(reference);
  });

  test.each<[string, Record<string, string | undefined>, string]>([
    ['no PKCE', { code_challenge: undefined, code_challenge_method: undefined }, 'invalid_request'],
    ['PKCE plain', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['an unknown resource', { resource: 'https://unknown.example.com/' }, 'invalid_target'],
    ['another response type', { response_type: 'token' }, 'unsupported_response_type'],
    ['response_mode=fragment', { response_mode: 'fragment' }, 'invalid_request'],
    ['response_mode=form_post', { response_mode: 'form_post' }, 'invalid_request'],
    ['prompt=none', { prompt: 'none' }, 'login_required'],
  ])('with %s sends the client an error with state and iss', async (_what, overrides, error) => {
    const { url, state } = client.authorize(overrides);
    const redirect = clientRedirect(await new Person().open(url));
    expect(`${redirect.origin}${redirect.pathname}`).toBe(client.redirectUri);
    expect(Object.fromEntries(redirect.searchParams)).toMatchObject({ error, state, iss: server.issuer });
    expect(redirect.hash).toBe('');
  });

  test('with a nonce but without the scope openid is asked like any other', async () => {
    const page = await open({ nonce: 'n', max_age: '60', scope: 'mcp:read' });
    expect(page.leftFor).toBeUndefined();
    expect(page.status).toBe(200);
    expect(page.url.pathname).toBe('/login');
  });

  test('with two resources sends invalid_target', async () => {
    const { url } = client.authorize();
    const redirect = clientRedirect(
      await new Person().open(`${url}&resource=${encodeURIComponent('https://b.example/')}`),
    );
    expect(redirect.searchParams.get('error')).toBe('invalid_target');
  });

  test('tells the client its state and iss when the person approves and when they deny', async () => {
    const approved = client.authorize();
    const success = await signInAndConsent(approved.url);
    expect(Object.fromEntries(success.searchParams)).toEqual({
      code: expect.any(String),
      state: approved.state,
      iss: server.issuer,
    });

    const denied = client.authorize();
    const failure = await signInAndConsent(denied.url, { decision: 'deny' });
    expect(Object.fromEntries(failure.searchParams)).toMatchObject({
      error: 'access_denied',
      state: denied.state,
      iss: server.issuer,
    });
    expect(failure.searchParams.has('code')).toBe(false);
  });

  test('lets a person switch account on the consent page and go on as somebody else', async () => {
    const ada = new Person('ada@example.com');
    const signInPage = await ada.switchAccount(await ada.openConsent(client.authorize().url));
    const filled = { email: 'grace@example.com', password: 'demo-password' };
    const consent = await ada.browser.submit(signInPage, 'input[name=password]', filled);
    const code = clientRedirect(await ada.decide(consent, 'Beacon Labs')).searchParams.get('code');
    expect(code).not.toBeNull();
  });

  test('gives wrong credentials the same message whatever is wrong', async () => {
    const texts = await Promise.all(
      [new Person('ada@example.com'), new Person('nobody@example.com')].map(async (person) => {
        const page = await person.signIn(await person.open(client.authorize().url), 'wrong password');
        expect(page.leftFor).toBeUndefined();
        return page.html.querySelector('[role=alert]')?.textContent;
      }),
    );
    expect(texts[0]).toBeTruthy();
    expect(texts[0]).toBe(texts[1]);
  });
});
