/** Introspection as an oracle: whoever may not know learns nothing, not even that there is something to know. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { basic, form, introspect, request, TestClient, tokensOf } from '../support/client.js';
import { directory } from '../support/directory.js';
import { startServer, type TestServer } from '../support/server.js';
import { asServer, BYSTANDER, EXCHANGER, OPAQUE, RS256, SIGNED_CONFIG } from '../support/signedConfig.js';

const INACTIVE = '{"active":false}';

let server: TestServer;
let opaque: TestClient;
let signed: TestClient;
beforeAll(async () => {
  server = await startServer({ config: SIGNED_CONFIG });
  opaque = await TestClient.register(server, OPAQUE);
  signed = await TestClient.register(server, RS256);
});
afterAll(() => server?.stop());

const ask = (token: string, as: { id: string; secret: string } = EXCHANGER, more: Record<string, string> = {}) =>
  request(server.url('/introspect'), { method: 'POST', headers: asServer(as), body: form({ token, ...more }) });

test('without a client, with a wrong secret, as an unknown or a public client: 401, live token or not', async () => {
  const { accessToken } = await opaque.connect();
  const credentials: Record<string, string>[] = [
    {},
    basic(EXCHANGER.id, 'wrong-secret-of-the-mcp-server'),
    basic(EXCHANGER.id, ''),
    basic('nobody', EXCHANGER.secret),
    basic(opaque.clientId, ''),
    { authorization: `Bearer ${accessToken}` },
    { authorization: 'Basic' },
    { authorization: 'Basic !!!' },
    { authorization: `Negotiate ${EXCHANGER.secret}` },
  ];
  for (const headers of credentials) {
    const [live, dead] = [await introspect(server, accessToken, headers), await introspect(server, 'x', headers)];
    expect(`${live.status} ${live.json.error}`).toBe('401 invalid_client');
    expect(live.text).toBe(dead.text);
    expect(live.headers.get('www-authenticate')).toMatch(/^Basic realm=/);
  }
});

describe('Exactly {"active":false} is the answer to', () => {
  const isInactive = async (token: string, as = EXCHANGER): Promise<void> => {
    for (const token_type_hint of ['', 'access_token', 'refresh_token', 'id_token', 'nonsense']) {
      const answer = await ask(token, as, token_type_hint ? { token_type_hint } : {});
      expect(`${answer.status} ${answer.text}`).toBe(`200 ${INACTIVE}`);
      expect(answer.headers.get('cache-control')).toBe('no-store');
      expect(answer.headers.get('content-length')).toBe(String(INACTIVE.length));
    }
  };

  test('a live token of a resource that this server does not serve', async () => {
    const { accessToken } = await signed.connect();
    expect((await ask(accessToken)).json.active).toBe(true);
    await isInactive(accessToken, BYSTANDER);
    const { accessToken: other } = await opaque.connect();
    expect((await ask(other, BYSTANDER)).json.active).toBe(true);
  });

  test('a refresh token, a code, an id_token, a client secret, a connection id', async () => {
    const { code, verifier } = await opaque.code({}, { scope: 'openid mcp:use' });
    await isInactive(code);
    const tokens = tokensOf(await opaque.exchange(code, verifier));
    const { connection_id } = (await ask(tokens.accessToken)).json;
    for (const token of [tokens.refreshToken, tokens.answer.json.id_token, EXCHANGER.secret, connection_id, code])
      await isInactive(String(token));
  });

  test('an expired token, a revoked one, and one whose organization is switched off', async () => {
    const revoked = await opaque.connect();
    await opaque.revoke(revoked.accessToken);
    await isInactive(revoked.accessToken);
    const off = await opaque.connect({ organization: 'Beacon Labs' });
    await directory(server, 'mcp-access', 'off', 'Beacon Labs');
    await isInactive(off.accessToken);
    await directory(server, 'mcp-access', 'on', 'Beacon Labs');
    const expired = await opaque.connect();
    await server.advance(3_601_000);
    await isInactive(expired.accessToken);
  });

  test('a signed token with anything changed, or of another key, or of none', async () => {
    const { accessToken } = await signed.connect();
    const [header = '', payload = '', signature = ''] = accessToken.split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    expect((await ask(accessToken)).json.active).toBe(true);
    for (const token of [
      `${header}.${encode({ ...claims, scope: 'mcp:admin' })}.${signature}`,
      `${header}.${encode({ ...claims, exp: 9_999_999_999 })}.${signature}`,
      `${header}.${encode({ ...claims, aud: OPAQUE })}.${signature}`,
      `${encode({ alg: 'none', typ: 'at+jwt' })}.${payload}.`,
      `${encode({ alg: 'none', typ: 'at+jwt' })}.${payload}.${signature}`,
      `${encode({ alg: 'HS256', typ: 'at+jwt' })}.${payload}.${signature}`,
      `${encode({ alg: 'RS256', typ: 'at+jwt', jwk: { kty: 'RSA', n: 'AQAB', e: 'AQAB' } })}.${payload}.${signature}`,
      `${encode({ alg: 'RS256', typ: 'at+jwt', jku: 'https://evil.example/jwks' })}.${payload}.${signature}`,
      `${encode({ alg: 'RS256', typ: 'JWT' })}.${payload}.${signature}`,
      `${header}.${payload}.`,
      `${header}.${payload}`,
      `${header}.${payload}.${signature}AA`,
      ...otherSpellings(signature).map((same) => `${header}.${payload}.${same}`),
    ])
      await isInactive(token);
  });

  test.each(['x', ' ', 'null', '[object Object]', '\u0000', 'x'.repeat(60_000), '../..', 'eyJ.eyJ.x', '...', '日本'])(
    'the text %j',
    async (token) => {
      await isInactive(token);
    },
  );
});

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Texts that base64url decodes to the same bytes. */
function otherSpellings(signature: string): string[] {
  const bytes = Buffer.from(signature, 'base64url');
  const others = [...ALPHABET].map((last) => `${signature.slice(0, -1)}${last}`).filter((text) => text !== signature);
  const same = others.filter((text) => Buffer.from(text, 'base64url').equals(bytes));
  expect(same).toHaveLength(15);
  return same;
}
