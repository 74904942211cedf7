/** Dynamic registration over HTTP (RFC 7591): the response tells what was registered, dropped fields included. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { basic, form, request, TestClient, tokensOf } from '../support/client.js';
import { registerWith } from '../support/clientRow.js';
import { startServer, type TestServer } from '../support/server.js';

const CALLBACK = 'http://127.0.0.1:8765/callback';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server?.stop());

const register = (metadata: object) => registerWith(server, JSON.stringify({ redirect_uris: [CALLBACK], ...metadata }));

describe('The response', () => {
  test('is 201, not to be stored, and all that was registered', async () => {
    const answer = await register({
      client_name: 'Some agent',
      client_uri: 'https://agent.example',
      logo_uri: null,
      scope: 'mcp:read unknown',
      grant_types: ['authorization_code', 'refresh_token', 'client_credentials', 'implicit', 'password'],
      response_types: ['code', 'token', 'id_token'],
      token_endpoint_auth_method: 'none',
      contacts: ['a@agent.example'],
      jwks_uri: 'https://169.254.169.254/jwks',
      software_id: 'agent',
      software_version: '1',
      access_token_lifetime: 999_999,
      is_admin: true,
    });
    expect(answer.status).toBe(201);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.json).toEqual({
      client_id: expect.stringMatching(/^dcr_/),
      client_id_issued_at: expect.any(Number),
      client_name: 'Some agent',
      client_uri: 'https://agent.example',
      redirect_uris: [CALLBACK],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
      // Of what it asked for, what there is; it binds nothing.
      scope: 'mcp:read',
      application_type: 'native',
      // What OpenID Connect Registration §2 has as the default, and there is nothing else here.
      subject_type: 'public',
      id_token_signed_response_alg: 'RS256',
      require_auth_time: false,
    });
  });

  test('never takes an id, a secret or a date from the request', async () => {
    const chosen = {
      client_id: 'demo-mcp-server',
      client_secret: 'chosen',
      client_id_issued_at: 1,
      registration_access_token: 'x',
    };
    const { json } = await register({ ...chosen, token_endpoint_auth_method: 'client_secret_post' });
    expect(json.client_id).not.toBe(chosen.client_id);
    expect(json.client_secret).not.toBe(chosen.client_secret);
    expect(String(json.client_secret).length).toBeGreaterThanOrEqual(43);
    expect(json.client_id_issued_at).not.toBe(1);
    expect(json).not.toHaveProperty('registration_access_token');
    expect(json).not.toHaveProperty('registration_client_uri');
  });

  test('names a client by what people can read: capped, without marks that turn text around', async () => {
    const names = ['Clau\u202Ede\u2066', 'x'.repeat(10_000), '\u0000\u200B'];
    const registered = await Promise.all(names.map((client_name) => register({ client_name })));
    expect(registered.map(({ json }) => json.client_name)).toEqual(['Claude', 'x'.repeat(100), undefined]);
  });
});

describe('A registration that names no way to authenticate (RFC 7591, section 2)', () => {
  const HTTPS = 'https://agent.example/callback';

  test.each<[string, object]>([
    ['one https address', { redirect_uris: [HTTPS] }],
    ['several https addresses', { redirect_uris: [HTTPS, 'https://other.example/callback'] }],
    ['an empty text for it', { redirect_uris: [HTTPS], token_endpoint_auth_method: '' }],
    ['null for it', { redirect_uris: [HTTPS], token_endpoint_auth_method: null }],
  ])('gets a secret and client_secret_basic with %s', async (_what, metadata) => {
    const { status, json } = await register(metadata);
    expect(status).toBe(201);
    expect(json).toMatchObject({ token_endpoint_auth_method: 'client_secret_basic', client_secret_expires_at: 0 });
    // Clients encode other characters in three ways.
    expect(json.client_secret).toMatch(/^[A-Za-z0-9_-]{43,}$/);
    const headers = basic(String(json.client_id), String(json.client_secret));
    const revocation = (credentials: Record<string, string>) =>
      request(server.url('/revoke'), { method: 'POST', headers: credentials, body: form({ token: 'unknown' }) });
    expect((await revocation(headers)).status).toBe(200);
    expect((await revocation(basic(String(json.client_id), 'wrong'))).status).toBe(401);
  });

  test.each<[string, object]>([
    ['a loopback address', { redirect_uris: [CALLBACK] }],
    ['a private-use scheme', { redirect_uris: ['cursor://anysphere.cursor-mcp/oauth/callback'] }],
    ['a loopback address beside an https one', { redirect_uris: [HTTPS, CALLBACK] }],
    ['an https address and "none"', { redirect_uris: [HTTPS], token_endpoint_auth_method: 'none' }],
  ])('gets no secret with %s', async (_what, metadata) => {
    const { json } = await register(metadata);
    expect(json.token_endpoint_auth_method).toBe('none');
    expect(json).not.toHaveProperty('client_secret');
    expect(json).not.toHaveProperty('client_secret_expires_at');
  });
});

test.each([
  ['the known part of the requested scope', 'mcp:read unknown mcp:read openid', 'mcp:read openid'],
  ['none when none of it is known', 'unknown', undefined],
  ['none for an empty text', '', undefined],
  ['none for what is no text', ['mcp:read'], undefined],
])('The response names %s, and the client may ask for more later', async (_what, scope, named) => {
  const { json } = await register({ scope });
  expect(json.scope).toBe(named);
  const client = TestClient.known(server, String(json.client_id), CALLBACK);
  const { answer } = await client.connect({}, { scope: 'mcp:read mcp:write' });
  expect(answer.json.scope).toBe('mcp:read mcp:write');
});

describe.each(['/token', '/revoke'])('At %s', (path) => {
  const ask = (parameters: Record<string, string>, headers: Record<string, string> = {}) =>
    request(server.url(path), {
      method: 'POST',
      headers,
      body: form({ grant_type: 'refresh_token', refresh_token: 'x', token: 'x', ...parameters }),
    });
  const said = ({ status, json }: Awaited<ReturnType<typeof ask>>) => `${status} ${json.error}`;

  test('a client that registered without a secret presents none', async () => {
    const id = String((await register({ token_endpoint_auth_method: 'none' })).json.client_id);
    for (const secret of ['guessed', id])
      for (const refused of [await ask({ client_id: id, client_secret: secret }), await ask({}, basic(id, secret))])
        expect(said(refused)).toBe('401 invalid_client');
    expect(said(await ask({ client_id: id }))).not.toMatch(/^401/);
  });

  test('a client with a secret is nobody without it, or with that of another client', async () => {
    const [own, other] = await Promise.all(
      ['client_secret_basic', 'client_secret_post'].map(async (method) => {
        const { json } = await register({ token_endpoint_auth_method: method });
        return { id: String(json.client_id), secret: String(json.client_secret) };
      }),
    );
    if (!own || !other) throw new Error('Two were registered.');
    for (const refused of [await ask({ client_id: own.id }), await ask({}, basic(own.id, other.secret))])
      expect(said(refused)).toBe('401 invalid_client');
    expect(said(await ask({}, basic(own.id, own.secret)))).not.toMatch(/^401/);
  });
});

describe('A client with a secret', () => {
  test.each(['client_secret_basic', 'client_secret_post'])('must present it (%s)', async (method) => {
    const { json } = await register({ token_endpoint_auth_method: method });
    const id = String(json.client_id);
    const secret = String(json.client_secret);
    const client = TestClient.known(server, id);
    const { code, verifier } = await client.code();
    const exchange = (body: Record<string, string>, headers: Record<string, string> = {}) =>
      request(server.url('/token'), {
        method: 'POST',
        headers,
        body: form({
          grant_type: 'authorization_code',
          code,
          code_verifier: verifier,
          redirect_uri: CALLBACK,
          ...body,
        }),
      });
    for (const refused of [
      await exchange({ client_id: id }),
      await exchange({ client_id: id, client_secret: 'wrong' }),
      await exchange({}, basic(id, 'wrong')),
    ])
      expect(`${refused.status} ${refused.json.error}`).toBe('401 invalid_client');
    const answer =
      method === 'client_secret_basic'
        ? await exchange({}, basic(id, secret))
        : await exchange({ client_id: id, client_secret: secret });
    expect(tokensOf(answer).expiresIn).toBe(3600);
  });
});

describe('Registration refuses', () => {
  test.each<[string, object, number]>([
    ['1,000 redirect URIs', { redirect_uris: Array.from({ length: 1_000 }, (_, i) => `http://localhost/${i}`) }, 400],
    ['eleven of them', { redirect_uris: Array.from({ length: 11 }, (_, i) => `http://localhost/${i}`) }, 400],
    ['a body of 2 MB', { client_name: 'x'.repeat(2_000_000) }, 413],
    ['remote http:', { redirect_uris: ['http://evil.example/cb'] }, 400],
    ['data:', { redirect_uris: ['DATA:text/html,x'] }, 400],
    ['a wildcard host that is none', { redirect_uris: ['https://'] }, 400],
    ['redirect_uris that are no list', { redirect_uris: CALLBACK }, 400],
  ])('%s', async (_what, metadata, status) => {
    const answer = await register(metadata);
    expect(answer.status).toBe(status);
    expect(answer.json).not.toHaveProperty('client_id');
    expect(String(answer.json.error_description)).not.toBe('');
  });
});
