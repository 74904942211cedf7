/** A code is bound to its client, its redirect_uri and its five minutes; whoever tries otherwise harms nobody. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { form, introspect, request, TestClient, tokensOf } from '../support/client.js';
import { startServer, type TestServer } from '../support/server.js';

let server: TestServer;
let client: TestClient;
let attacker: TestClient;
beforeAll(async () => {
  server = await startServer();
  client = await TestClient.register(server);
  attacker = await TestClient.register(server);
});
afterAll(() => server?.stop());

describe('A code is refused, and works for its owner afterwards, when it is presented', () => {
  test('by another client that knows the verifier', async () => {
    const { code, verifier } = await client.code();
    const stolen = await attacker.exchange(code, verifier);
    expect(`${stolen.status} ${stolen.json.error}`).toBe('400 invalid_grant');
    expect((await client.exchange(code, verifier)).status).toBe(200);
  });

  test('by nobody: without a client_id', async () => {
    const { code, verifier } = await client.code();
    const body = form({
      grant_type: 'authorization_code',
      code,
      code_verifier: verifier,
      redirect_uri: client.redirectUri,
    });
    const anonymous = await request(server.url('/token'), { method: 'POST', body });
    expect(anonymous.status).toBeGreaterThanOrEqual(400);
    expect(anonymous.status).toBeLessThan(402);
    expect((await client.exchange(code, verifier)).status).toBe(200);
  });

  test.each([
    ['with another path', 'http://127.0.0.1:8765/other'],
    ['with another port', 'http://127.0.0.1:8766/callback'],
    ['with the other name of the loopback address', 'http://localhost:8765/callback'],
    ['with a query', 'http://127.0.0.1:8765/callback?x'],
    ['with an equivalent spelling', 'http://127.0.0.1:8765/./callback'],
  ])('%s as redirect_uri', async (_what, redirect_uri) => {
    const { code, verifier } = await client.code();
    const refused = await client.exchange(code, verifier, { redirect_uri });
    expect(`${refused.status} ${refused.json.error}`).toMatch(/^400 invalid_(grant|request)$/);
    expect((await client.exchange(code, verifier)).status).toBe(200);
  });
});

test('An expired code is refused, again and again, and an earlier connection of the same client goes on', async () => {
  const earlier = await client.connect();
  const { code, verifier } = await client.code();
  await server.advance(301_000);
  for (let i = 0; i < 2; i++) {
    const late = await client.exchange(code, verifier);
    expect(`${late.status} ${late.json.error}`).toBe('400 invalid_grant');
  }
  expect((await introspect(server, earlier.accessToken)).json.active).toBe(true);
  expect(tokensOf(await client.refresh(earlier.refreshToken)).accessToken).toBeTruthy();
});
