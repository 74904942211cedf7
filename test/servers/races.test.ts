/** Many at once on two servers that share MongoDB and Redis, and one of them dying in the middle. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { connectMongo } from '../../src/stores/mongo/open.js';
import { RefreshToken, refreshTokens } from '../../src/stores/records/refreshToken.js';
import { withRedis } from '../stores/redisStores.js';
import { type Answer, introspect, TestClient, type Tokens, tokensOf } from '../support/client.js';
import { counts, longest } from '../support/counts.js';
import { CRASH } from '../support/crashing.js';
import { Person } from '../support/person.js';
import { type ProductionServers, startProductionServers } from '../support/productionServers.js';
import { describeWith } from '../support/services.js';
import { describeCrashes } from './crashes.js';

const describeWithServices = await describeWith('a mongod of its own', 'redis-server');

describeWithServices('on MongoDB and Redis', () => {
  let servers: ProductionServers;
  beforeAll(async () => {
    servers = await startProductionServers({ preload: [CRASH] });
  }, longest);
  afterAll(() => servers?.stop(), longest);

  describe('two servers, asked for the same thing at once', () => {
    const person = new Person();
    let mongo: Awaited<ReturnType<typeof connectMongo>>;
    let clients: [TestClient, TestClient];
    beforeAll(async () => {
      mongo = await connectMongo(servers.mongod.url);
      const client = await TestClient.register(servers.a);
      clients = [client, client.at(servers.b)];
    });
    afterAll(() => mongo?.client.close());

    const spread = <T>(times: number, act: (client: TestClient) => Promise<T>): Promise<T[]> =>
      Promise.all(Array.from({ length: times }, (_, n) => act(clients[n % 2 === 0 ? 0 : 1])));
    const introspected = ({ accessToken }: Tokens): Promise<Answer[]> =>
      Promise.all([servers.a, servers.b].map((server) => introspect(server, accessToken)));
    const connect = async (): Promise<Tokens> => {
      const { code, verifier } = await clients[0].codeFor(person);
      return tokensOf(await clients[1].exchange(code, verifier));
    };
    const chainOf = async (connectionId: string): Promise<RefreshToken[]> => {
      const found = await mongo.db.collection(refreshTokens.name).find().toArray();
      const all = found.map(({ record }) => RefreshToken.parse(JSON.parse(String(record))));
      return all.filter((token) => token.connectionId === connectionId);
    };
    const statuses = (answers: readonly Answer[]): string[] =>
      answers.map(({ status, json }) => `${status} ${json.error ?? ''}`).sort();

    test(
      'exchange a code for exactly one of 50, and the connection is dead afterwards',
      async () => {
        for (let round = 0; round < counts.raceRounds; round += 1) {
          const { code, verifier } = await clients[0].codeFor(person);
          const answers = await spread(50, (client) => client.exchange(code, verifier));
          expect(statuses(answers)).toEqual(['200 ', ...Array<string>(49).fill('400 invalid_grant')]);
          const tokens = tokensOf(answers.find(({ status }) => status === 200) as Answer);
          expect((await introspected(tokens)).map(({ text }) => text)).toEqual(Array(2).fill('{"active":false}'));
          expect((await clients[1].refresh(tokens.refreshToken)).json.error).toBe('invalid_grant');
        }
      },
      longest,
    );

    test.each([20, 50])(
      'answer %i refreshes with one token all the same, and one chain lives',
      async (times) => {
        for (let round = 0; round < counts.raceRounds; round += 1) {
          let { accessToken, refreshToken } = await connect();
          const connectionId = String((await introspect(servers.a, accessToken)).json.connection_id);
          for (let link = 0; link < 2; link += 1) {
            const answers = await spread(times, (client) => client.refresh(refreshToken));
            expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
            const next = tokensOf(answers[0] as Answer);
            expect((await introspected(next)).map(({ json }) => json.active)).toEqual([true, true]);
            const chain = await chainOf(connectionId);
            expect(chain).toHaveLength(link + 2);
            expect(chain.filter(({ usedAt }) => usedAt === undefined)).toHaveLength(1);
            ({ accessToken, refreshToken } = next);
          }
        }
      },
      longest,
    );

    test(
      `${counts.refreshes} refreshes (a month of hourly ones is 720) leave in Redis nothing that grows or stays`,
      async () => {
        let tokens = await connect();
        await withRedis(servers.redis.port, (own) => own.flushall());
        for (let n = 0; n < counts.refreshes; n += 1)
          tokens = tokensOf(await clients[n % 2 === 0 ? 0 : 1].refresh(tokens.refreshToken));
        await withRedis(servers.redis.port, async (own) => {
          for (const key of await own.keys('*')) {
            // A list or set that took one entry a refresh would be of another type, or stay.
            expect([key.split(':')[1], await own.type(key)]).toEqual([expect.any(String), 'string']);
            expect(await own.strlen(key)).toBeLessThan(2_000);
            expect(await own.pttl(key)).toBeGreaterThan(0);
            expect(await own.pttl(key)).toBeLessThanOrEqual(3_600_000);
          }
          expect(await own.dbsize()).toBeGreaterThan(counts.refreshes);
          expect(await own.dbsize()).toBeLessThan(counts.refreshes + 20);
        });
        expect((await introspected(tokens)).map(({ json }) => json.active)).toEqual([true, true]);
      },
      longest,
    );

    test('end a connection for good when a refresh and a removal meet', async () => {
      for (let round = 0; round < 5 * counts.raceRounds; round += 1) {
        const tokens = await connect();
        const [refreshed] = await Promise.all([
          clients[0].refresh(tokens.refreshToken),
          clients[1].revoke(tokens.refreshToken),
        ]);
        const newest = refreshed.status === 200 ? tokensOf(refreshed) : tokens;
        expect((await introspected(newest)).map(({ json }) => json.active)).toEqual([false, false]);
        expect((await clients[0].refresh(newest.refreshToken)).json.error).toBe('invalid_grant');
      }
    });
  });

  describeCrashes('MongoDB and Redis', () => servers.a, 2);
});
