/** Who gets a token for the Admin API, what it is good for, and what nobody gets by it. */
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { loadConfig } from '../../src/config.js';
import { ADMIN_CONFIG } from '../support/adminApi.js';
import { ADMIN_CLIENT, adminToken } from '../support/adminClient.js';
import { signedInPerson } from '../support/audit.js';
import {
  type Answer,
  answerOf,
  basic,
  DEMO_RESOURCE_SERVER,
  form,
  introspect,
  request,
  TestClient,
} from '../support/client.js';
import { registerWith } from '../support/clientRow.js';
import { startServer, type TestServer } from '../support/server.js';

const OLDER = { ...ADMIN_CLIENT, secret: 'older-secret-of-the-portal-backend-01234' };
const SECOND = { id: 'billing-backend', secret: 'secret-of-the-billing-backend-0123456789' };
const MOST_FAILURES = 60;
const CONFIG = {
  ...ADMIN_CONFIG,
  adminClients: [
    { clientId: ADMIN_CLIENT.id, clientSecrets: [OLDER.secret, ADMIN_CLIENT.secret] },
    { clientId: SECOND.id, clientSecrets: [`sha256:${createHash('sha256').update(SECOND.secret).digest('hex')}`] },
  ],
  limits: { rates: { adminFailuresPerAddress: { events: MOST_FAILURES, seconds: 900 } } },
};

let server: TestServer;
let token: string;
beforeAll(async () => {
  server = await startServer({ config: CONFIG });
  token = String((await adminToken(server)).json.access_token);
});
afterAll(() => server?.stop());

const ask = (parameters: Record<string, string>, headers: Record<string, string> = {}) =>
  request(server.url('/token'), { method: 'POST', headers, body: form(parameters) });
const portal = basic(ADMIN_CLIENT.id, ADMIN_CLIENT.secret);
const accounts = (headers: Record<string, string>, query = ''): Promise<Answer> =>
  request(server.url(`/admin/v1/accounts${query}`), { headers });
const withToken = (value: string): Promise<Answer> => accounts({ authorization: `Bearer ${value}` });

describe('A token for the Admin API', () => {
  test('is given to a configured client for either of its secrets, in clear or hashed', async () => {
    for (const client of [ADMIN_CLIENT, OLDER, SECOND]) {
      const answer = await adminToken(server, client);
      expect(answer.status).toBe(200);
      expect(answer.json).toMatchObject({ token_type: 'Bearer', expires_in: 600, scope: 'admin' });
      expect(answer.headers.get('cache-control')).toBe('no-store');
      expect((await withToken(String(answer.json.access_token))).status).toBe(200);
    }
  });

  test('is given for credentials in the body too, and means the Admin API when neither scope nor resource is named', async () => {
    const inBody = { client_id: ADMIN_CLIENT.id, client_secret: ADMIN_CLIENT.secret };
    const answer = await ask({ grant_type: 'client_credentials', ...inBody });
    expect(answer.json).toMatchObject({ scope: 'admin' });
    const named = { grant_type: 'client_credentials', resource: `${server.issuer}/admin/v1` };
    expect((await ask(named, portal)).status).toBe(200);
  });

  test.each([
    ['another scope', { scope: 'mcp:read' }, 'invalid_scope'],
    ['a further scope', { scope: 'admin mcp:read' }, 'invalid_scope'],
    ['the resource of an MCP server', { resource: 'http://localhost:3001/mcp' }, 'invalid_target'],
  ])('is not given for %s', async (_, parameters, error) => {
    const answer = await ask({ grant_type: 'client_credentials', ...parameters }, portal);
    expect([answer.status, answer.json.error]).toEqual([400, error]);
  });

  test('is not given for a wrong secret, or for one of another admin client', async () => {
    for (const secret of ['x'.repeat(40), SECOND.secret, '']) {
      const answer = await adminToken(server, { ...ADMIN_CLIENT, secret });
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.json.access_token).toBeUndefined();
    }
  });

  test('is not given to anybody else: a client that registered so, a public one, a resource server', async () => {
    const asks = { grant_type: 'client_credentials', scope: 'admin' };
    const registered = await registerWith(
      server,
      JSON.stringify({
        redirect_uris: ['http://127.0.0.1/callback'],
        grant_types: ['client_credentials', 'authorization_code'],
        token_endpoint_auth_method: 'client_secret_basic',
        scope: 'admin',
      }),
    );
    expect(registered.json.grant_types).not.toContain('client_credentials');
    const { client_id: id, client_secret: secret } = registered.json;
    const confidential = await ask(asks, basic(String(id), String(secret)));
    expect([confidential.status, confidential.json.error]).toEqual([400, 'unauthorized_client']);
    const { clientId } = await TestClient.register(server);
    const open = await ask({ ...asks, client_id: clientId });
    expect([open.status, open.json.error]).toEqual([400, 'unauthorized_client']);
    expect((await ask(asks, DEMO_RESOURCE_SERVER)).json.error).toBe('invalid_client');
  });

  test('is the only thing that an admin client can ask for', async () => {
    for (const grant of ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:token-exchange']) {
      const answer = await ask({ grant_type: grant, code: 'x', refresh_token: 'x' }, portal);
      expect(['unauthorized_client', 'unsupported_grant_type']).toContain(answer.json.error);
    }
    const query = form({ client_id: ADMIN_CLIENT.id, response_type: 'code', redirect_uri: 'https://evil.example/' });
    const authorize = await request(`${server.url('/authorize')}?${query}`, { headers: { accept: 'text/html' } });
    expect([authorize.status, authorize.headers.get('location')]).toEqual([400, null]);
  });

  test('is no MCP token: inactive for resource servers, nobody for /userinfo', async () => {
    expect((await introspect(server, token)).text).toBe('{"active":false}');
    const { status } = await request(server.url('/userinfo'), { headers: { authorization: `Bearer ${token}` } });
    expect(status).toBe(401);
  });

  test('is nowhere at rest and in no log, nor is a secret', async () => {
    const store = await readFile(join(server.dataDir, 'store', 'data.mdb'));
    expect(store.includes('admin-token')).toBe(true);
    for (const secret of [token, ADMIN_CLIENT.secret, OLDER.secret, SECOND.secret]) {
      expect(store.includes(secret)).toBe(false);
      expect(server.output()).not.toContain(secret);
    }
  });

  test('ends when its own client revokes it, and not when another one does', async () => {
    const { json } = await adminToken(server);
    const value = String(json.access_token);
    const revoke = (headers: Record<string, string>) =>
      request(server.url('/revoke'), { method: 'POST', headers, body: form({ token: value }) });
    expect((await revoke(basic(SECOND.id, SECOND.secret))).status).toBe(200);
    expect((await withToken(value)).status).toBe(200);
    expect((await revoke(portal)).status).toBe(200);
    expect((await withToken(value)).status).toBe(401);
  });
});

describe('The Admin API', () => {
  test('refuses tokens of MCP clients and anything else that is no token for it (RFC 6750 §3.1)', async () => {
    const { accessToken, refreshToken } = await (await TestClient.register(server)).connect();
    for (const value of [accessToken, refreshToken, 'x', `${token}x`, 'eyJhbGciOiJub25lIn0.e30.']) {
      const { status, headers, json } = await withToken(value);
      expect(status).toBe(401);
      expect(headers.get('www-authenticate')).toMatch(/^Bearer realm="[^"]+", scope="admin", error="invalid_token"/);
      expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
      expect(json).toMatchObject({
        status: 401,
        code: 'unauthorized',
        detail: expect.stringMatching(/token endpoint/),
      });
    }
  });

  test('asks who comes without credentials for a token, with no error code (RFC 6750 §3.1)', async () => {
    for (const path of ['/accounts', '/nothing', '', '/', '/connections?accountId=x']) {
      const { status, headers } = await request(server.url(`/admin/v1${path}`));
      expect(status).toBe(401);
      expect(headers.get('www-authenticate')).toBe(`Bearer realm="${server.issuer}", scope="admin"`);
    }
  });

  test.each<[string, Record<string, string>, string]>([
    ['in the query', {}, '?access_token='],
    ['as a cookie', { cookie: 'token=' }, ''],
    ['by its client with HTTP Basic', portal, ''],
    ['under another scheme', { authorization: 'DPoP ' }, ''],
  ])('takes no token %s', async (_, headers, query) => {
    const filled = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, /[= ]$/.test(value) ? value + token : value]),
    );
    expect((await accounts(filled, query && query + token)).status).toBe(401);
  });

  test('knows no session: a signed-in account owner reaches nothing by it', async () => {
    const ada = await signedInPerson(server);
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const url = new URL(server.url('/admin/v1/accounts/x'));
      expect((await answerOf(await ada.browser.send(url, { method }))).status).toBe(401);
    }
  });

  test('says in the metadata that there is the grant, and keeps its scope from MCP clients, who ask for all they find', async () => {
    const { json } = await request(server.url('/.well-known/oauth-authorization-server'));
    expect(json.grant_types_supported).toEqual(['authorization_code', 'refresh_token', 'client_credentials']);
    expect(json.scopes_supported).not.toContain('admin');
  });
});

test('Wrong tokens and secrets are limited by address; right ones go on, whoever else is behind that address', async () => {
  let last: Answer | undefined;
  for (let n = 0; n <= MOST_FAILURES && last?.status !== 429; n++) last = await withToken('wrong');
  expect(last?.status).toBe(429);
  expect(Number(last?.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(last?.json).toMatchObject({ code: 'too-many-requests', status: 429 });
  expect((await withToken(token)).status).toBe(200);
  expect((await adminToken(server)).status).toBe(200);
  const secret = await adminToken(server, { ...ADMIN_CLIENT, secret: 'y'.repeat(40) });
  expect([secret.status, secret.json.error]).toEqual([429, 'temporarily_unavailable']);
  expect(Number(secret.headers.get('retry-after'))).toBeGreaterThan(0);
});

test('Production demands secrets of at least 32 characters, or their hashes', async () => {
  const CONFIG_FILE = join(server.dataDir, 'production.json');
  const production = { NODE_ENV: 'production', ISSUER: 'https://auth.example.com', CONFIG_FILE };
  const keys = { COOKIE_KEYS: 'c'.repeat(32), ENCRYPTION_KEY: Buffer.alloc(32).toString('base64') };
  const load = async (secret: string) => {
    const adminClients = [{ clientId: 'portal', clientSecrets: [secret] }];
    await writeFile(CONFIG_FILE, JSON.stringify({ ...CONFIG, resourceServers: [], adminClients }));
    return () => loadConfig({ ...production, ...keys });
  };
  expect(await load('only-24-characters-long.')).toThrow(/the secret of the client "portal" is .* shorter than 32/);
  expect(await load('x'.repeat(32))).not.toThrow();
  expect(await load(`sha256:${'0123'.repeat(16)}`)).not.toThrow();
});

test('A token ends after ten minutes', async () => {
  await server.advance(599_000 - 60_000);
  expect((await withToken(token)).status).toBe(200);
  await server.advance(62_000);
  expect((await withToken(token)).status).not.toBe(200);
});

test('A client that is taken out of the configuration has no token any more', async () => {
  await server.restart();
  const { json } = await adminToken(server, SECOND);
  expect((await withToken(String(json.access_token))).status).toBe(200);
  const rest = { ...CONFIG, adminClients: CONFIG.adminClients.slice(0, 1) };
  await writeFile(String(server.env.CONFIG_FILE), JSON.stringify(rest));
  await server.restart();
  expect((await withToken(String(json.access_token))).status).toBe(401);
  expect((await adminToken(server, SECOND)).status).toBe(401);
});

test('Without admin clients there is no such grant, and no token opens anything', async () => {
  const { adminClients: _, ...none } = CONFIG;
  await writeFile(String(server.env.CONFIG_FILE), JSON.stringify(none));
  await server.restart();
  expect((await withToken(token)).status).toBe(401);
  const { json } = await request(server.url('/.well-known/oauth-authorization-server'));
  expect(json.grant_types_supported).toEqual(['authorization_code', 'refresh_token']);
  const { clientId } = await TestClient.register(server);
  const answer = await ask({ grant_type: 'client_credentials', client_id: clientId });
  expect(answer.json.error).toBe('unsupported_grant_type');
});
