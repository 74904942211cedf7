/** How long clients are remembered: registrations that no person saw a day, others 90, used ones well beyond their last connection. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openEmbeddedStores } from '../../src/stores/embedded/open.js';
import { clients, type KnownClient } from '../../src/stores/records/client.js';
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

const stored = async ({ clientId }: TestClient): Promise<KnownClient | undefined> => {
  const stores = await openEmbeddedStores(join(server.dataDir, 'store'), true);
  return stores.durable.get(clients, clientId).finally(() => stores.close());
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

  test.each<[string, (client: TestClient) => Promise<unknown>]>([
    ['was asked about', (client) => new Person().openConsent(client.authorize().url)],
    [
      'denied',
      async (client) => {
        const person = new Person();
        await person.decide(await person.openConsent(client.authorize().url), 'Acme Robotics', 'deny');
      },
    ],
    ['approved, though it exchanged no code,', (client) => client.code()],
  ])('that a signed-in person %s lives 90 days from then, and each time again', async (_what, meet) => {
    const client = await TestClient.register(server);
    await server.advance(12 * HOUR);
    await meet(client);
    await server.advance(89 * DAY);
    expect(await known(client)).toBe(true);
    await meet(client);
    await server.advance(89 * DAY);
    expect(await known(client)).toBe(true);
    await server.advance(DAY + 60_000);
    expect(await known(client)).toBe(false);
  });

  test('that is opened without signing in, or with a wrong password, is forgotten after a day', async () => {
    const client = await TestClient.register(server);
    for (let hour = 0; hour < 23; hour += 6) {
      const page = await new Person().open(client.authorize().url);
      expect(page.html.querySelector('input[type=password]')).not.toBeNull();
      await server.advance(6 * HOUR);
    }
    await server.advance(60_000);
    expect(await known(client)).toBe(false);
  });

  test('is written once a day at most, however often a person is asked about it', async () => {
    const client = await TestClient.register(server);
    const person = new Person();
    await person.openConsent(client.authorize().url);
    const written = await stored(client);
    await server.advance(23 * HOUR);
    for (let n = 0; n < 3; n++) await new Person().openConsent(client.authorize().url);
    expect(await stored(client)).toEqual(written);
    await server.advance(2 * HOUR);
    await new Person().openConsent(client.authorize().url);
    expect((await stored(client))?.keptUntil).toBeGreaterThan((written?.keptUntil ?? 0) + DAY);
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
