/** Stores that go away while people and clients work: later is said, never no, and everything is back by itself. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { introspect, request, TestClient } from '../support/client.js';
import { longest } from '../support/counts.js';
import { directory } from '../support/directory.js';
import { type ProductionServers, startProductionServers } from '../support/productionServers.js';
import type { TestServer } from '../support/server.js';
import { describeWith, type Service } from '../support/services.js';
import { Workload } from '../support/workload.js';

const BACK_WITHIN_MS = 5_000;
const describeWithServices = await describeWith('a mongod of its own', 'redis-server');

describeWithServices('two servers under a load of mixed flows', () => {
  let servers: ProductionServers;
  let client: TestClient;
  beforeAll(async () => {
    servers = await startProductionServers();
    client = await TestClient.register(servers.a);
  }, longest);
  afterAll(() => servers?.stop(), longest);

  const ready = async (server: TestServer) => (await request(`http://localhost:${server.port}/health/ready`)).status;
  const both = <T>(ask: (server: TestServer) => Promise<T>): Promise<T[]> =>
    Promise.all([servers.a, servers.b].map(ask));
  /** How long until both servers answer everything again, in milliseconds. */
  const back = async (token: string): Promise<number> => {
    const started = performance.now();
    const fine = async (server: TestServer) =>
      (await ready(server)) === 200 && (await introspect(server, token)).status === 200;
    while ((await both(fine)).includes(false)) {
      if (performance.now() - started > 4 * BACK_WITHIN_MS) break;
      await sleep(50);
    }
    return performance.now() - started;
  };

  const outages: [string, (s: ProductionServers) => Service[]][] = [
    ['Redis', ({ redis }) => [redis]],
    ['MongoDB', ({ mongod }) => [mongod]],
    ['Redis and MongoDB', ({ redis, mongod }) => [redis, mongod]],
  ];
  test.each(outages)(
    'say 503 while %s is away, never that a token is dead, and are back within 5 s',
    async (_name, stores) => {
      const work = new Workload([client, client.at(servers.b)], false);
      let served = 0;
      await work.during(async () => {
        const { accessToken } = await client.connect();
        await sleep(500);
        for (const store of stores(servers)) await store.kill();
        const asked = await both((server) => introspect(server, accessToken));
        for (const { status, headers, text } of asked) {
          expect([status, headers.get('retry-after')]).toEqual([503, '5']);
          expect(text).not.toContain('active');
        }
        expect(await both(ready)).toEqual([503, 503]);
        await sleep(1_500);
        served = work.statuses.get(200) ?? 0;
        for (const store of stores(servers)) {
          if (store === servers.redis) work.redisComesBackEmpty();
          await store.restart();
        }
        expect(await back(accessToken)).toBeLessThan(BACK_WITHIN_MS);
        await sleep(1_500);
      });
      expect(work.statuses.get(503)).toBeGreaterThan(0);
      expect(work.statuses.get(200)).toBeGreaterThan(served);
      await work.expectAllHeld();
      await directory(servers.a, 'mcp-access', 'on', 'Beacon Labs');
    },
    longest,
  );

  describeWithServices('while Redis is away', () => {
    beforeEach(async () => {
      await servers.redis.restart();
      expect(await back('nothing')).toBeLessThan(BACK_WITHIN_MS);
    });
    afterAll(async () => {
      await servers.redis.restart();
    });

    test.each([undefined, 'refresh_token', 'access_token'])(
      'a client ends its connection with its refresh token (RFC 7009), token_type_hint %s',
      async (token_type_hint) => {
        const { accessToken, refreshToken } = await client.connect();
        await servers.redis.kill();
        const answer = await client.revoke(refreshToken, { token_type_hint });
        expect(`${answer.status} ${answer.text}`).toBe('200 ');
        await servers.redis.restart();
        await back(accessToken);
        expect((await client.at(servers.b).refresh(refreshToken)).json.error).toBe('invalid_grant');
      },
      longest,
    );

    test(
      'the revocation of an access token, of which nothing is known then, is answered 503',
      async () => {
        const { accessToken } = await client.connect();
        await servers.redis.kill();
        const answer = await client.revoke(accessToken);
        expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
      },
      longest,
    );

    test(
      'a server starts, says that it is not ready, and is ready when Redis comes',
      async () => {
        const { redis, b } = servers;
        await redis.kill();
        await b.kill();
        const starting = b.restart();
        const alive = async () => (await request(`http://localhost:${b.port}/health/alive`)).status;
        while ((await alive().catch(() => 0)) !== 200) await sleep(50);
        expect(await ready(b)).toBe(503);
        await redis.restart();
        await starting;
        expect((await introspect(b, 'nothing')).text).toBe('{"active":false}');
        expect(b.output()).toContain('Redis does not answer');
        expect(b.output()).toContain('Redis answers again');
      },
      longest,
    );
  });
});
