import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createLocalJWKSet, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose';
import { introspect, request, TestClient, tokensOf } from '../support/client.js';
import { startServer, type TestServer } from '../support/server.js';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const RESOURCE = 'http://localhost:3001/mcp';
const CLOCK = fileURLToPath(new URL('../support/clock.mjs', import.meta.url));
const run = promisify(execFile);

const config = {
  resources: [
    {
      indicator: RESOURCE,
      name: 'Demo',
      scopes: { 'mcp:read': 'Read' },
      defaultScopes: ['mcp:read'],
      accessTokenFormat: 'jwt',
    },
  ],
  defaultResource: RESOURCE,
  resourceServers: [{ clientId: 'demo-mcp-server', clientSecrets: ['demo-mcp-server-secret'], resources: [RESOURCE] }],
};

let server: TestServer;
let client: TestClient;

beforeAll(async () => {
  server = await startServer({ config });
  client = await TestClient.register(server);
});
afterAll(async () => server.stop());

/** Runs `npm run keys -- …`, with the server's clock when that is told. */
const keys = async (args: string[], clockMs = 0): Promise<string> => {
  const env = { PATH: process.env.PATH, ...server.env, TEST_CLOCK_OFFSET_MS: String(clockMs) };
  return (await run(process.execPath, ['--import', CLOCK, 'dist/scripts/keys.js', ...args], { env })).stdout;
};

const published = async (): Promise<string[]> => {
  const { keys: found } = (await request(server.url('/jwks'))).json as unknown as JSONWebKeySet;
  return found.map(({ kid }) => kid ?? '');
};

/** Lets the server look for keys now; it does so by itself every minute. */
const look = async (expected: number): Promise<string[]> => {
  server.signal('SIGHUP');
  for (let tries = 0; (await published()).length !== expected && tries < 100; tries++)
    await new Promise((resolve) => setTimeout(resolve, 20));
  return published();
};

const kidOf = (token: unknown): string => decodeProtectedHeader(String(token)).kid ?? '';
const connect = () => client.connect({}, { scope: 'openid mcp:read' });

describe('Signing keys rotate without a restart', () => {
  test('a new key is published before it signs, then signs, while the old one verifies until it is retired', async () => {
    const [first = ''] = await published();
    const before = await connect();
    expect(kidOf(before.accessToken)).toBe(first);

    const [second = ''] = /key_[\w-]{22}/.exec(await keys(['rotate'])) ?? [];
    expect(await look(2)).toEqual([first, second]);
    expect(kidOf((await connect()).accessToken)).toBe(first);

    await server.advance(10 * MINUTE_MS);
    const refreshed = tokensOf(await client.refresh(before.refreshToken));
    server.signal('SIGHUP');
    for (let tries = 0; (await published())[0] !== second && tries < 100; tries++)
      await new Promise((resolve) => setTimeout(resolve, 20));
    const after = await connect();
    expect(kidOf(after.accessToken)).toBe(second);
    expect(kidOf(after.answer.json.id_token)).toBe(second);

    // What the old key signed is still good, here and for those who verify offline.
    expect((await introspect(server, refreshed.accessToken)).json.active).toBe(true);
    const jwks = createLocalJWKSet((await request(server.url('/jwks'))).json as unknown as JSONWebKeySet);
    const currentDate = new Date(Date.now() + 10 * MINUTE_MS);
    await jwtVerify(refreshed.accessToken, jwks, { issuer: server.issuer, audience: RESOURCE, currentDate });

    await expect(keys(['retire', second], 10 * MINUTE_MS)).rejects.toThrow('rotate first');
    await expect(keys(['retire', first], 10 * MINUTE_MS)).rejects.toThrow('may be alive until');
    await keys(['retire', first], 10 * MINUTE_MS + DAY_MS + MINUTE_MS);
    expect(await look(1)).toEqual([second]);
    expect((await introspect(server, refreshed.accessToken)).json).toEqual({ active: false });
    expect((await introspect(server, after.accessToken)).json.active).toBe(true);
  });

  test('the list says what each key does, and shows nothing of the keys themselves', async () => {
    const listed = await keys(['list', '--json']);
    expect(JSON.parse(listed)).toEqual([expect.objectContaining({ alg: 'RS256', state: expect.any(String) })]);
    expect(listed).not.toMatch(/sealed|"d"/);
  });
});
