/** While a store is away the server says so and never guesses; once it is back, so is the server. */

import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Answer, introspect, request, TestClient } from '../support/client.js';
import { directory } from '../support/directory.js';
import { startServer, type TestServer } from '../support/server.js';
import { describeWith, type Service, startMongod, startRedis } from '../support/services.js';

const BACK_WITHIN_MS = 5_000;
const describeWithServices = await describeWith('a mongod of its own', 'redis-server');

describeWithServices('a server on MongoDB and Redis', () => {
  let mongod: Service;
  let redis: Service;
  let server: TestServer;
  let client: TestClient;
  beforeAll(async () => {
    [mongod, redis] = await Promise.all([startMongod(), startRedis()]);
    server = await startServer({ production: { mongodbUri: mongod.url, redisUrl: redis.url } });
    client = await TestClient.register(server);
  }, 60_000);
  afterAll(async () => {
    await server?.stop();
    await Promise.all([mongod?.stop(), redis?.stop()]);
  });

  const ready = async (): Promise<number> => (await request(`http://localhost:${server.port}/health/ready`)).status;
  const expectLater = ({ status, headers, text }: Answer): void => {
    expect([status, headers.get('retry-after'), headers.get('cache-control')]).toEqual([503, '5', 'no-store']);
    expect(text).not.toContain('active');
  };
  const back = async (): Promise<number> => {
    const started = performance.now();
    while ((await ready()) !== 200 && performance.now() - started < 20_000) await sleep(50);
    return performance.now() - started;
  };

  test('answers 503 while Redis is away, removes connections nevertheless, and is back within 5 s', async () => {
    const kept = await client.connect();
    const removed = await client.connect({ email: 'grace@example.com' });
    await redis.kill();
    expectLater(await introspect(server, kept.accessToken));
    expect(await ready()).toBe(503);
    expect(await directory(server, 'connections', 'remove', '--account', 'grace@example.com')).toContain('Removed 1');
    await redis.restart();
    expect(await back()).toBeLessThan(BACK_WITHIN_MS);
    // Redis came back empty: that costs the access token, and one refresh gives another.
    expect((await introspect(server, kept.accessToken)).text).toBe('{"active":false}');
    const refreshed = await client.refresh(kept.refreshToken);
    expect((await introspect(server, String(refreshed.json.access_token))).json.active).toBe(true);
    expect((await client.refresh(removed.refreshToken)).json.error).toBe('invalid_grant');
  });

  test('answers 503 while MongoDB is away, uses no token up, and is back within 5 s', async () => {
    const { accessToken, refreshToken } = await client.connect();
    await mongod.kill();
    for (let n = 0; n < 2; n += 1) expectLater(await introspect(server, accessToken));
    expect((await client.refresh(refreshToken)).status).toBe(503);
    expect(await ready()).toBe(503);
    await mongod.restart();
    expect(await back()).toBeLessThan(BACK_WITHIN_MS);
    expect((await introspect(server, accessToken)).json.active).toBe(true);
    expect((await client.refresh(refreshToken)).status).toBe(200);
  });
});
