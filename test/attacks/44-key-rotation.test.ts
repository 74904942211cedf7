/** Keys replaced while tokens and sessions that rest on the old ones are alive. */
import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { createLocalJWKSet, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose';
import { signedInPerson } from '../support/audit.js';
import { introspect, request, TestClient, tokensOf } from '../support/client.js';
import { Person } from '../support/person.js';
import { startServer, type TestServer } from '../support/server.js';
import { asServer, EXCHANGER, RS256, SIGNED_CONFIG } from '../support/signedConfig.js';

// It waits for other processes, on machines that may have other things to do.
jest.setTimeout(120_000);

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const CLOCK = fileURLToPath(new URL('../support/clock.mjs', import.meta.url));
const run = promisify(execFile);

let server: TestServer;
let client: TestClient;
beforeAll(async () => {
  server = await startServer({ config: SIGNED_CONFIG });
  client = await TestClient.register(server, RS256);
});
afterAll(() => server?.stop());

const keys = async (args: string[], clockMs: number): Promise<string> => {
  const env = { PATH: process.env.PATH, ...server.env, TEST_CLOCK_OFFSET_MS: String(clockMs) };
  return (await run(process.execPath, ['--import', CLOCK, 'dist/scripts/keys.js', ...args], { env })).stdout;
};
const jwks = async () => (await request(server.url('/jwks'))).json as unknown as JSONWebKeySet;
const ofAlg = async () => (await jwks()).keys.filter(({ alg }) => alg === 'RS256').map(({ kid }) => kid ?? '');
const until = async (holds: () => Promise<boolean>): Promise<void> => {
  server.signal('SIGHUP');
  for (let tries = 0; !(await holds()) && tries < 200; tries++) await sleep(20);
};
const kidOf = (token: string): string => decodeProtectedHeader(token).kid ?? '';
const isActive = async (token: string): Promise<unknown> =>
  (await introspect(server, token, asServer(EXCHANGER))).json.active;

test('a signing key is replaced: old tokens, refresh tokens and sessions go on until the last token expired', async () => {
  const before = await client.connect({}, { scope: 'openid mcp:use' });
  const person = await signedInPerson(server);
  const [old = ''] = await ofAlg();
  expect(kidOf(before.accessToken)).toBe(old);

  await keys(['rotate'], 0);
  await until(async () => (await ofAlg()).length === 2);
  expect((await ofAlg())[0]).toBe(old);
  // Published, and not used yet: who verifies offline must have it first.
  expect(kidOf((await client.connect()).accessToken)).toBe(old);

  await server.advance(10 * MINUTE);
  const late = tokensOf(await client.refresh(before.refreshToken));
  await until(async () => (await ofAlg())[0] !== old);
  const after = tokensOf(await client.refresh(late.refreshToken));
  expect(kidOf(after.accessToken)).not.toBe(old);
  for (const token of [late.accessToken, after.accessToken]) {
    expect(await isActive(token)).toBe(true);
    const currentDate = new Date(Date.now() + 10 * MINUTE);
    await jwtVerify(token, createLocalJWKSet(await jwks()), { issuer: server.issuer, audience: RS256, currentDate });
  }
  expect((await person.open(server.url('/account'))).url.pathname).toBe('/account');

  await expect(keys(['retire', old], 10 * MINUTE)).rejects.toThrow('may be alive until');
  await server.restart();
  expect(await isActive(late.accessToken)).toBe(true);
  await keys(['retire', old], 11 * MINUTE + DAY);
  await until(async () => (await ofAlg()).length === 1);
  expect(await isActive(late.accessToken)).toBe(false);
  expect(await isActive(after.accessToken)).toBe(true);
  expect((await client.refresh(after.refreshToken)).status).toBe(200);
});

test('no private part of a key is ever published', async () => {
  for (const key of (await jwks()).keys)
    for (const part of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k']) expect(key).not.toHaveProperty(part);
});

describe('Keys of the environment', () => {
  const [oldKey, newKey] = ['o'.repeat(40), 'n'.repeat(40)];
  const [oldSeal, newSeal] = [Buffer.alloc(32, 'o').toString('base64'), Buffer.alloc(32, 'n').toString('base64')];
  let own: TestServer;
  let ownClient: TestClient;
  beforeAll(async () => {
    own = await startServer({ config: SIGNED_CONFIG, env: { COOKIE_KEYS: oldKey, ENCRYPTION_KEY: oldSeal } });
    ownClient = await TestClient.register(own, RS256);
  });
  afterAll(() => own?.stop());
  const restartWith = async (cookieKeys: string, encryptionKeys: string): Promise<void> => {
    Object.assign(own.env, { COOKIE_KEYS: cookieKeys, ENCRYPTION_KEY: encryptionKeys });
    await own.restart();
  };

  test('are replaced by a list: sessions, forms and tokens of before go on, and end with the old key', async () => {
    const person = await signedInPerson(own);
    const { accessToken } = await ownClient.connect();
    const asking = new Person();
    // After the connection, which the page shows.
    const consent = await asking.openConsent(ownClient.authorize().url);
    const active = async () => (await introspect(own, accessToken, asServer(EXCHANGER))).json.active;

    await restartWith(`${newKey},${oldKey}`, `${newSeal},${oldSeal}`);
    expect((await person.open(own.url('/account'))).url.pathname).toBe('/account');
    expect((await asking.decide(consent, 'Acme Robotics')).leftFor?.searchParams.get('code')).toBeTruthy();
    expect(await active()).toBe(true);

    await restartWith(newKey, `${newSeal},${oldSeal}`);
    expect(await active()).toBe(true);
    expect((await new Person().openConsent(ownClient.authorize().url)).status).toBe(200);
  });

  test('that are of somebody else open nothing: a cookie signed with another key is none', async () => {
    const person = await signedInPerson(own);
    await restartWith('x'.repeat(40), `${newSeal},${oldSeal}`);
    expect((await person.open(own.url('/account'))).url.pathname).toBe('/login');
  });

  test('that are lost stop the start with a message that names the variable', async () => {
    Object.assign(own.env, { ENCRYPTION_KEY: Buffer.alloc(32, 'x').toString('base64') });
    await expect(own.restart()).rejects.toThrow('ENCRYPTION_KEY');
    await restartWith(newKey, `${newSeal},${oldSeal}`);
  });
});
