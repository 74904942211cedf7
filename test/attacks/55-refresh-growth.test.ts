/** Refreshing without end: each refresh leaves a record for a month, so a connection and an account have so many an hour. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { MongoClient } from 'mongodb';
import { openEmbeddedStores } from '../../src/stores/embedded/open.js';
import { refreshTokens } from '../../src/stores/records/refreshToken.js';
import { type Answer, introspect, TestClient, tokensOf } from '../support/client.js';
import { configFor } from '../support/demoServer.js';
import { describeOnEachStore } from '../support/onEachStore.js';
import type { TestServer } from '../support/server.js';

const PER_CONNECTION = 6;
const PER_ACCOUNT = 15;
const HOUR_S = 3_600;

await describeOnEachStore((stores) => {
  let server: TestServer;
  let client: TestClient;
  beforeAll(async () => {
    const rates = {
      refreshPerConnection: { events: PER_CONNECTION, seconds: HOUR_S },
      refreshPerAccount: { events: PER_ACCOUNT, seconds: HOUR_S },
    };
    server = await stores.start({ config: { ...(await configFor('http://localhost:3001/mcp')), limits: { rates } } });
    client = await TestClient.register(server);
  });
  afterAll(() => server?.stop());

  /** How many refresh tokens are stored, used or not. */
  const records = async (): Promise<number> => {
    const { MONGODB_URI: uri } = server.env;
    if (uri === undefined) {
      const opened = await openEmbeddedStores(join(server.dataDir, 'store'));
      return opened.durable.estimate(refreshTokens).finally(() => opened.close());
    }
    const mongo = new MongoClient(uri);
    return mongo
      .db()
      .collection('refreshTokens')
      .countDocuments()
      .finally(() => mongo.close());
  };
  const isRefused = (answer: Answer): void => {
    expect(`${answer.status} ${answer.json.error}`).toBe('429 temporarily_unavailable');
    const wait = Number(answer.headers.get('retry-after'));
    expect(wait).toBeGreaterThan(0);
    expect(wait).toBeLessThanOrEqual(HOUR_S);
  };
  /** Refreshes until the limit; gives the token that nobody has used yet, and the one before it with its answer. */
  const usedUp = async (first: string) => {
    let [before, text, refreshToken] = ['', '', first];
    for (let n = 0; n < PER_CONNECTION; n++) {
      const answer = await client.refresh(refreshToken);
      [before, text, refreshToken] = [refreshToken, answer.text, tokensOf(answer).refreshToken];
    }
    return { before, text, refreshToken };
  };

  test('a connection refreshes so often an hour; beyond it nothing is stored and the token is not used up', async () => {
    const { refreshToken: first } = await client.connect();
    const { before, text, refreshToken } = await usedUp(first);
    const stored = await records();
    for (let n = 0; n < 20; n++) isRefused(await client.refresh(refreshToken));
    expect(await records()).toBe(stored);
    // A repeat stores nothing, so it does not count, neither before the limit nor beyond it.
    expect((await client.refresh(before)).text).toBe(text);

    const other = await client.connect({ email: 'grace@example.com' });
    const second = tokensOf(await client.refresh(other.refreshToken));
    expect((await introspect(server, second.accessToken)).json.active).toBe(true);

    if (server.env.REDIS_URL !== undefined) return;
    await server.advance(HOUR_S * 1_000);
    expect((await introspect(server, tokensOf(await client.refresh(refreshToken)).accessToken)).json.active).toBe(true);
  });

  test('many at once with the same token count as the one that they are', async () => {
    let { refreshToken } = await client.connect({ email: 'grace@example.com' });
    for (let n = 0; n < PER_CONNECTION; n++) {
      const token = refreshToken;
      const answers = await Promise.all(Array.from({ length: 5 }, () => client.refresh(token)));
      expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
      refreshToken = tokensOf(answers[0] as Answer).refreshToken;
    }
    isRefused(await client.refresh(refreshToken));
  });

  test('many at once with tokens of many connections, through many clients, are limited by their account', async () => {
    const connections: { client: TestClient; refreshToken: string }[] = [];
    for (let n = 0; n < 3; n++) {
      const registered = await TestClient.register(server);
      const { refreshToken } = await registered.connect({ email: 'linus@example.com' });
      connections.push({ client: registered, refreshToken });
    }
    const refreshed = async ({ client: own, refreshToken }: (typeof connections)[number]): Promise<number> => {
      let token = refreshToken;
      for (let n = 0; ; n++) {
        const answer = await own.refresh(token);
        if (answer.status !== 200) {
          isRefused(answer);
          return n;
        }
        token = tokensOf(answer).refreshToken;
      }
    };
    const counts = await Promise.all(connections.map(refreshed));
    const total = counts.reduce((sum, count) => sum + count, 0);
    // Those that were under way at once when the last one was counted.
    expect(total - PER_ACCOUNT).toBeGreaterThanOrEqual(0);
    expect(total - PER_ACCOUNT).toBeLessThan(connections.length);
    expect(Math.max(...counts)).toBeLessThanOrEqual(PER_CONNECTION);
  });
});
