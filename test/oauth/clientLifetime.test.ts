/** How long clients are remembered: unused registrations a day, used ones well beyond their last connection. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { introspect, TestClient, tokensOf } from '../support/client.js';
import { Person } from '../support/person.js';
import { startServer, type TestServer } from '../support/server.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server?.stop());

const known = async (client: TestClient): Promise<boolean> => {
  const answer = await client.refresh('any');
  if (answer.status === 400 && answer.json.error === 'invalid_grant') return true;
  expect(`${answer.status} ${answer.json.error}`).toBe('401 invalid_client');
  return false;
};

describe('A registration', () => {
  test('that is never used is forgotten after a day, and not before', async () => {
    const client = await TestClient.register(server);
    await server.advance(23 * HOUR);
    expect(await known(client)).toBe(true);
    await server.advance(HOUR + 60_000);
    expect(await known(client)).toBe(false);
    const page = await new Person().open(client.authorize().url);
    expect(page.leftFor).toBeUndefined();
    expect(`${page.status} ${page.html.querySelector('h1')?.textContent}`).toMatch(/^400 \S/);
  });

  test('for which a person approved, but that exchanged no code, is forgotten too', async () => {
    const client = await TestClient.register(server);
    await client.code();
    await server.advance(DAY + 60_000);
    expect(await known(client)).toBe(false);
  });

  test('is remembered as long as a connection of it lives, and comes back long after it', async () => {
    const client = await TestClient.register(server);
    let { refreshToken, accessToken } = await client.connect();
    for (let days = 0; days < 27; days += 9) {
      await server.advance(9 * DAY);
      ({ refreshToken, accessToken } = tokensOf(await client.refresh(refreshToken)));
      expect((await introspect(server, accessToken)).json.active).toBe(true);
    }
    await server.advance(5 * DAY);
    expect((await client.refresh(refreshToken)).json.error).toBe('invalid_grant');
    await server.advance(40 * DAY);
    expect((await client.connect()).expiresIn).toBe(3600);
  });

  test('is remembered by its newest connection, and forgotten months after the last one ended', async () => {
    const client = await TestClient.register(server);
    await client.connect();
    await server.advance(60 * DAY);
    await client.connect();
    await server.advance(80 * DAY);
    expect(await known(client)).toBe(true);
    await server.advance(20 * DAY);
    expect(await known(client)).toBe(false);
  });
});
