/** Aliases of the issuer: further addresses that clients know this server by, each an issuer of its own for them. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Config, loadConfig } from '../../src/config.js';
import { isOwnIssuer } from '../../src/issuer.js';
import { basic, introspect, request, TestClient } from '../support/client.js';
import { configFor, configOfOurOwn } from '../support/demoServer.js';
import { logged } from '../support/logged.js';
import { sendRaw } from '../support/raw.js';
import { startServer, type TestServer } from '../support/server.js';

describe('issuerAliases in the configuration file', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'issuer-aliases-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const load = async (issuerAliases: unknown, ISSUER = 'https://auth.example.com/oauth'): Promise<Config> => {
    const CONFIG_FILE = join(folder, 'config.json');
    await writeFile(CONFIG_FILE, JSON.stringify({ ...(await configOfOurOwn()), issuerAliases }));
    const keys = { COOKIE_KEYS: 'c'.repeat(40), ENCRYPTION_KEY: Buffer.alloc(32, 1).toString('base64') };
    return loadConfig({ ...keys, CONFIG_FILE, ISSUER });
  };

  test.each([
    ['the bare origin', 'https://auth.example.com', ''],
    ['the bare origin with a slash', 'https://auth.example.com/', ''],
    ['another path', 'https://auth.example.com/mcp/', '/mcp'],
    ['a path below the issuer', 'https://auth.example.com/oauth/two', '/oauth/two'],
  ])('may name %s, kept byte for byte', async (_what, identifier, basePath) => {
    const config = await load([identifier]);
    expect(config.issuers).toMatchObject([
      { identifier: 'https://auth.example.com/oauth' },
      { identifier, basePath, baseUrl: `https://auth.example.com${basePath}` },
    ]);
    expect(config.issuer).toBe('https://auth.example.com/oauth');
    expect(isOwnIssuer(config, identifier)).toBe(true);
    expect(isOwnIssuer(config, config.issuer)).toBe(true);
    for (const other of [`${config.issuer}/`, 'https://auth.example.com/token', '', undefined, [identifier]])
      expect(isOwnIssuer(config, other)).toBe(false);
  });

  test.each([
    ['another host', 'https://mcp.example.com', /must have the origin of ISSUER, https:\/\/auth\.example\.com, since/],
    ['a host below', 'https://a.auth.example.com', /must have the origin of ISSUER/],
    ['another port', 'https://auth.example.com:8443', /must have the origin of ISSUER/],
    ['another scheme', 'http://auth.example.com', /must have the origin of ISSUER/],
    ['the issuer itself', 'https://auth.example.com/oauth', /is ISSUER itself or named twice; remove it/],
    ['the issuer with a slash', 'https://auth.example.com/oauth/', /is ISSUER itself or named twice; remove it/],
    ['a place of the metadata', 'https://auth.example.com/.well-known/x', /must not be below \/\.well-known/],
    ['upper case', 'https://AUTH.example.com', /"https:\/\/auth\.example\.com" instead of/],
    ['a query', 'https://auth.example.com?x=1', /each must be an http\(s\) URL in lower case without query/],
    ['dots', 'https://auth.example.com/a/../b', /"https:\/\/auth\.example\.com\/b" instead of/],
    ['an encoded path', 'https://auth.example.com/%6f', /must have a plain path/],
    ['no URL', '/mcp', /each must be an absolute URL/],
  ])('that names %s stops the start and says what to do', async (_what, alias, message) => {
    await expect(load([alias])).rejects.toThrow(message);
    await expect(load([alias])).rejects.toThrow(/issuerAliases/);
  });

  test('that names one address twice stops the start', async () => {
    const twice = ['https://auth.example.com', 'https://auth.example.com/'];
    await expect(load(twice)).rejects.toThrow(/"https:\/\/auth\.example\.com\/" is ISSUER itself or named twice/);
  });
});

const DOCUMENTS = ['oauth-authorization-server', 'openid-configuration'];
const ENDPOINTS = ['/authorize', '/token', '/register', '/revoke', '/introspect', '/userinfo', '/jwks'];
const JSON_TYPE = { 'content-type': 'application/json' };

/** The server under another address of it. */
const under = (server: TestServer, address: string): TestServer => ({ ...server, url: (path) => address + path });

describe.each([
  ['with a path, known by its bare origin', '/oauth', ''],
  ['with a path, known by another one', '/oauth', '/tenants/one'],
  ['at the root of a host, known by a path', '', '/oauth'],
])('An issuer %s', (_what, issuerPath, aliasPath) => {
  let server: TestServer;
  let origin: string;
  let alias: string;
  beforeAll(async () => {
    const config = await configFor('http://localhost:3001/mcp');
    server = await startServer({
      issuerPath,
      config: (issuer) => ({
        ...config,
        issuerAliases: [new URL(issuer).origin + aliasPath],
        limits: { rates: { registrationPerAddress: { events: 100, seconds: 3_600 } } },
      }),
    });
    origin = new URL(server.issuer).origin;
    alias = origin + aliasPath;
  });
  afterAll(() => server?.stop());

  const metadataOf = async (address: string) => (await request(address)).json;

  test('has metadata for each: the issuer that was asked for, with its own endpoints, all else alike', async () => {
    for (const document of DOCUMENTS)
      for (const [issuer, path] of [
        [server.issuer, issuerPath],
        [alias, aliasPath],
      ] as const)
        for (const url of [`${origin}/.well-known/${document}${path}`, `${issuer}/.well-known/${document}`]) {
          const answer = await request(url, { headers: { origin: 'https://inspector.example.com' } });
          expect(`${url} ${answer.json.issuer}`).toBe(`${url} ${issuer}`);
          expect(answer.headers.get('access-control-allow-origin')).toBe('*');
          const addresses = Object.entries(answer.json).filter(([name]) => /_endpoint$|_uri$/.test(name));
          expect(addresses.map(([, address]) => String(address).slice(issuer.length)).sort()).toEqual(
            [...ENDPOINTS].sort(),
          );
          for (const [, address] of addresses) expect(String(address).startsWith(`${issuer}/`)).toBe(true);
        }
    const texts = await Promise.all(
      [server.issuer, alias].map(async (issuer) =>
        (await request(`${issuer}/.well-known/openid-configuration`)).text.replaceAll(issuer, 'ISSUER'),
      ),
    );
    expect(texts[1]).toBe(texts[0]);
  });

  test('leaves what is asked for without an alias as it was', async () => {
    if (aliasPath === '') return;
    for (const document of DOCUMENTS)
      expect((await metadataOf(`${origin}/.well-known/${document}`)).issuer).toBe(server.issuer);
  });

  test('answers every endpoint at an alias as at the issuer, whatever is sent', async () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const from = { origin: 'https://inspector.example.com' };
    const preflight = { ...from, 'access-control-request-method': 'POST', 'access-control-request-headers': 'x-any' };
    const inits: RequestInit[] = [
      { method: 'GET', headers: { accept: 'application/json' } },
      { method: 'GET', headers: { accept: 'text/html' } },
      { method: 'HEAD' },
      { method: 'OPTIONS' },
      { method: 'OPTIONS', headers: preflight },
      { method: 'POST', headers: { ...form, ...from }, body: 'token=x' },
      { method: 'POST', headers: { ...form, ...from, ...basic('demo-mcp-server', 'wrong') }, body: 'token=x' },
      { method: 'POST', headers: { ...JSON_TYPE, ...from }, body: '{"redirect_uris":["ftp://x"]}' },
      { method: 'POST', headers: { ...JSON_TYPE, ...from }, body: '{' },
      { method: 'POST', headers: { 'content-type': 'text/xml' }, body: '<a/>' },
      { method: 'POST', headers: { ...form, 'content-encoding': 'gzip' }, body: 'x' },
      { method: 'PUT', headers: from, body: 'x' },
      { method: 'DELETE', headers: from },
    ];
    const paths = [
      ...ENDPOINTS,
      ...DOCUMENTS.map((document) => `/.well-known/${document}`),
      '/token/',
      '/.well-known/oauth-authorization-server/',
    ];
    for (const path of paths)
      for (const query of ['', '?client_id=x&x=%2Ftoken'])
        for (const init of inits) {
          const seen = [];
          for (const issuer of [server.issuer, alias]) {
            const answer = await request(issuer + path + query, init);
            const headers = [...answer.headers].filter(
              ([name]) => !/^(date|x-request-id|keep-alive|content-length)$/.test(name),
            );
            const text = answer.text.replaceAll(issuer, 'ISSUER').replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'ID');
            seen.push({ asked: `${init.method} ${path}${query}`, status: answer.status, headers, text });
          }
          const [atIssuer, atAlias] = seen;
          expect(atAlias).toEqual(atIssuer);
        }
  });

  test('registers, exchanges, refreshes, introspects, revokes and tells of the person at the alias; tokens name the issuer', async () => {
    const client = await TestClient.register(under(server, alias));
    const { accessToken, refreshToken, answer } = await client.connect({}, { scope: 'openid mcp:read' });
    const [, claims = ''] = String(answer.json.id_token).split('.');
    expect(JSON.parse(Buffer.from(claims, 'base64url').toString()).iss).toBe(server.issuer);
    for (const address of [server.issuer, alias]) {
      const at = under(server, address);
      expect((await introspect(at, accessToken)).json).toMatchObject({ active: true, iss: server.issuer });
      const headers = { authorization: `Bearer ${accessToken}` };
      expect((await request(at.url('/userinfo'), { headers })).status).toBe(200);
      expect((await client.at(at).refresh(refreshToken)).status).toBe(200);
    }
    expect((await client.revoke(refreshToken)).status).toBe(200);
    expect((await introspect(server, accessToken)).json).toEqual({ active: false });
  });

  test('counts and logs a request at the alias under the same route', async () => {
    const answer = await request(`${alias}/userinfo`);
    const line = await logged(server, String(answer.headers.get('x-request-id')));
    expect(JSON.parse(line)).toMatchObject({ path: '/userinfo', status: 401 });
    const posted = await request(`${alias}/token`, { method: 'POST', body: new URLSearchParams() });
    const second = await logged(server, String(posted.headers.get('x-request-id')));
    expect(JSON.parse(second)).toMatchObject({ path: '/token', status: 401 });
  });

  test('has pages below the issuer alone', async () => {
    for (const path of [
      '/login',
      '/account/connections',
      '/interaction/x',
      '/admin/v1/organizations',
      '/authorize/x',
    ]) {
      const answer = await request(alias + path, { headers: { accept: 'text/html' } });
      expect(`${path} ${answer.status}`).toBe(`${path} 404`);
      expect(answer.headers.has('set-cookie')).toBe(false);
    }
  });

  test.each(['//token', '/%74oken', '/./token', '/x/../token', '/TOKEN', '/token;x', '/token%20', '\\token'])(
    'takes no other spelling of an endpoint for it: %s',
    async (path) => {
      const head = `POST ${aliasPath}${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n`;
      const answer = await sendRaw(server.port, `${head}Content-Length: 0\r\n\r\n`);
      expect([400, 404]).toContain(answer.status);
    },
  );

  test('counts what is tried at the alias and at the issuer together', async () => {
    const register = (address: string) =>
      request(`${address}/register`, { method: 'POST', headers: JSON_TYPE, body: '{"redirect_uris":[]}' });
    const statuses = new Set<number>();
    for (let n = 0; n < 101 && !statuses.has(429); n += 1) statuses.add((await register(alias)).status);
    expect([...statuses]).toContain(429);
    expect((await register(server.issuer)).status).toBe(429);
  });
});
