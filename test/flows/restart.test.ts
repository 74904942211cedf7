/** A server that is killed and started again goes on where it was: every answer it gave still holds. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { introspect, TestClient, tokensOf } from '../support/client.js';
import { clientRedirect, Person } from '../support/person.js';
import { startServer, type TestServer } from '../support/server.js';

let server: TestServer;
let client: TestClient;
beforeAll(async () => {
  server = await startServer();
  client = await TestClient.register(server);
});
afterAll(() => server?.stop());

const killAndRestart = async (): Promise<void> => {
  await server.kill();
  await server.restart();
};

describe('after kill -9', () => {
  test('clients, connections and their tokens are there', async () => {
    const { accessToken, refreshToken } = await client.connect();
    await killAndRestart();
    expect((await introspect(server, accessToken)).json.active).toBe(true);
    expect((await client.refresh(refreshToken)).status).toBe(200);
  });

  test('a code that was given before is exchanged, and one that was used stays used', async () => {
    const fresh = await client.code();
    const used = await client.code();
    const { accessToken } = tokensOf(await client.exchange(used.code, used.verifier));
    await killAndRestart();
    expect((await client.exchange(fresh.code, fresh.verifier)).status).toBe(200);
    expect((await client.exchange(used.code, used.verifier)).json.error).toBe('invalid_grant');
    expect((await introspect(server, accessToken)).text).toBe('{"active":false}');
  });

  test('a refresh that was answered is answered with the same response within the window', async () => {
    const { refreshToken } = await client.connect();
    const first = await client.refresh(refreshToken);
    await killAndRestart();
    expect((await client.refresh(refreshToken)).text).toBe(first.text);
  });

  test('what was revoked stays revoked', async () => {
    const { accessToken, refreshToken } = await client.connect();
    await client.revoke(refreshToken);
    await killAndRestart();
    expect((await introspect(server, accessToken)).text).toBe('{"active":false}');
    expect((await client.refresh(refreshToken)).json.error).toBe('invalid_grant');
  });

  test('a person who was on the consent page goes on there', async () => {
    const person = new Person();
    const page = await person.openConsent(client.authorize().url);
    await killAndRestart();
    expect(clientRedirect(await person.decide(page, 'Acme Robotics')).searchParams.get('code')).not.toBeNull();
  });
});
