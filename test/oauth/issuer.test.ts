/** The issuer: how it may be spelled, and that every document and token has that spelling. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { discoverAuthorizationServerMetadata } from '@modelcontextprotocol/client';
import { decodeJwt } from 'jose';
import { loadConfig } from '../../src/config.js';
import { introspect, request, TestClient } from '../support/client.js';
import { configFor, configOfOurOwn } from '../support/demoServer.js';
import { clientRedirect, Person } from '../support/person.js';
import { startServer, type TestServer } from '../support/server.js';

const SECRETS = {
  COOKIE_KEYS: 'c'.repeat(40),
  ENCRYPTION_KEY: Buffer.alloc(32, 1).toString('base64'),
  CONFIG_FILE: 'config/default.json',
};

describe('The issuer', () => {
  test.each(['http://auth.example.com', 'http://10.0.0.1', 'http://localhost.example.com'])(
    'must be https in production: %s stops the start with a message that names the variable',
    (ISSUER) => {
      expect(() => loadConfig({ ...SECRETS, NODE_ENV: 'production', ISSUER })).toThrow(/^ISSUER must be an https/);
    },
  );

  test.each(['prod', 'Production', 'staging'])('is not taken for that of a demo by NODE_ENV=%s', (NODE_ENV) => {
    const load = () => loadConfig({ ...SECRETS, NODE_ENV, ISSUER: 'http://auth.example.com' });
    expect(load).toThrow('NODE_ENV must be production, development or test.');
  });

  test.each([
    ['a query', 'https://auth.example.com?x=1'],
    ['a fragment', 'https://auth.example.com#x'],
    ['upper case', 'https://AUTH.example.com'],
    ['a default port', 'https://auth.example.com:443'],
    ['credentials', 'https://user@auth.example.com'],
  ])('has one spelling, because clients compare it as text: %s is refused', (_what, ISSUER) => {
    expect(() => loadConfig({ ...SECRETS, ISSUER })).toThrow(/^ISSUER must be/);
  });

  test.each(['https://auth.example.com//', 'https://auth.example.com/oauth//', 'https://auth.example.com/%6f'])(
    'has a plain path: %s is refused',
    (ISSUER) => {
      expect(() => loadConfig({ ...SECRETS, ISSUER })).toThrow(/^ISSUER must have a plain path/);
    },
  );

  test.each([
    ['https://auth.example.com', 'https://auth.example.com', ''],
    ['https://auth.example.com/', 'https://auth.example.com', ''],
    ['https://auth.example.com/oauth', 'https://auth.example.com/oauth', '/oauth'],
    ['https://auth.example.com/oauth/', 'https://auth.example.com/oauth', '/oauth'],
  ])('%s is kept byte for byte, and everything is served below %s', async (ISSUER, baseUrl, basePath) => {
    const folder = await mkdtemp(join(tmpdir(), 'issuer-test-'));
    const CONFIG_FILE = join(folder, 'config.json');
    await writeFile(CONFIG_FILE, JSON.stringify(await configOfOurOwn()));
    expect(loadConfig({ ...SECRETS, CONFIG_FILE, ISSUER })).toMatchObject({ issuer: ISSUER, baseUrl, basePath });
    await rm(folder, { recursive: true });
  });
});

describe.each(['/', '/oauth/'])('An issuer that ends in a slash, with the path %s', (issuerPath) => {
  const JWT_RESOURCE = 'http://localhost:3001/mcp';
  let server: TestServer;
  beforeAll(async () => {
    const config = await configFor(JWT_RESOURCE);
    const [resource] = config.resources;
    const resources = [{ ...resource, accessTokenFormat: 'jwt' }];
    server = await startServer({ issuerPath, config: { ...config, resources } });
  });
  afterAll(() => server?.stop());

  test('is advertised as it is, wherever clients look, and no endpoint has two slashes', async () => {
    const { origin, pathname } = new URL(server.issuer);
    const path = pathname.replace(/\/$/, '');
    for (const document of ['oauth-authorization-server', 'openid-configuration'])
      for (const url of [`${origin}/.well-known/${document}${path}`, `${origin}${path}/.well-known/${document}`]) {
        const { json } = await request(url);
        expect(json.issuer).toBe(server.issuer);
        const endpoints = Object.entries(json).filter(([name]) => /_endpoint$|_uri$/.test(name));
        expect(endpoints.length).toBeGreaterThan(5);
        for (const [, endpoint] of endpoints) expect(String(endpoint)).toMatch(/^http:\/\/localhost:\d+(\/[\w-]+)+$/);
      }
  });

  test('stands byte for byte in the authorization response, in tokens and in introspection', async () => {
    const client = await TestClient.register(server);
    const person = new Person();
    const consent = await person.openConsent(client.authorize().url);
    const redirect = clientRedirect(await person.decide(consent, 'Acme Robotics'));
    expect(redirect.searchParams.get('iss')).toBe(server.issuer);
    const { accessToken, answer } = await client.connect({}, { scope: 'openid mcp:read' });
    for (const token of [accessToken, String(answer.json.id_token)]) expect(decodeJwt(token).iss).toBe(server.issuer);
    expect((await introspect(server, accessToken)).json).toMatchObject({ active: true, iss: server.issuer });
  });

  test('is found by a client that compares issuers', async () => {
    const metadata = await discoverAuthorizationServerMetadata(server.issuer);
    expect(metadata?.issuer).toBe(server.issuer);
  });
});
