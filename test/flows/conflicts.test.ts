/** Commits that meet a conflict although nobody used the token: that is no reuse, and costs nobody a connection. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { introspect, TestClient, tokensOf } from '../support/client.js';
import { CRASH, conflictsAt } from '../support/crashing.js';
import { startServer, type TestServer } from '../support/server.js';

const FOREVER = 1_000;

let server: TestServer;
let client: TestClient;
beforeAll(async () => {
  server = await startServer({ preload: [CRASH] });
  client = await TestClient.register(server);
});
afterAll(() => server?.stop());

const expectActive = async (accessToken: string) =>
  expect((await introspect(server, accessToken)).json.active).toBe(true);

test('a refresh goes on after conflicts, and gives one successor', async () => {
  const { refreshToken } = await client.connect();
  await conflictsAt(server, 3);
  const refreshed = await client.refresh(refreshToken);
  await expectActive(tokensOf(refreshed).accessToken);
  expect((await client.refresh(refreshToken)).text).toBe(refreshed.text);
});

test('a refresh that meets nothing but conflicts is told to come later, and its token is not used up', async () => {
  const { accessToken, refreshToken } = await client.connect();
  await conflictsAt(server, FOREVER);
  const later = await client.refresh(refreshToken);
  await conflictsAt(server, 0);
  expect([later.status, later.headers.get('retry-after')]).toEqual([503, '5']);
  await expectActive(accessToken);
  await expectActive(tokensOf(await client.refresh(refreshToken)).accessToken);
});

test('a code goes on after conflicts', async () => {
  const { code, verifier } = await client.code();
  await conflictsAt(server, 3);
  await expectActive(tokensOf(await client.exchange(code, verifier)).accessToken);
});

test('a code that meets nothing but conflicts is told to come later, and works then', async () => {
  const { code, verifier } = await client.code();
  await conflictsAt(server, FOREVER);
  const later = await client.exchange(code, verifier);
  await conflictsAt(server, 0);
  expect([later.status, later.headers.get('retry-after')]).toEqual([503, '5']);
  await expectActive(tokensOf(await client.exchange(code, verifier)).accessToken);
});
