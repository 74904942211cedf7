/** The volatile store on Redis keeps the contract on one server, in a cluster and behind sentinels, and its own promises. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { openRedis } from '../../src/stores/redis/open.js';
import { parseRedisUrl } from '../../src/stores/redis/url.js';
import { StoreUnavailableError } from '../../src/stores/stores.js';
import { volatileKind } from '../../src/stores/volatile.js';
import { cli, type RedisTopology, startCluster, startSentinels, until } from '../support/redisTopologies.js';
import { describeWith, type Service, startRedis } from '../support/services.js';
import { describeVolatileAdapters } from './contract/adapters.js';
import { HOUR } from './contract/fixtures.js';
import { later } from './contract/opened.js';
import { describeVolatileContract } from './contract/volatile.js';
import { openRedisStores, withRedis } from './redisStores.js';
import { untilItAnswers, untilItFails } from './untilItAnswers.js';

const describeWithRedis = await describeWith('redis-server');
const numbers = volatileKind('number', z.number());
const soon = (): number => Date.now() + HOUR;

describeWithRedis('on one server', () => {
  let server: Service;
  const closing: (() => Promise<void>)[] = [];
  const opened = async (url = server.url, warn: (message: string) => void = () => undefined) => {
    const redis = await openRedis(url, warn);
    closing.push(() => redis.close());
    return redis;
  };
  beforeAll(async () => {
    server = await startRedis();
  });
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });
  afterAll(() => server?.stop());

  describeVolatileContract('Redis', () => openRedisStores(server.url, [server.port]));
  describeVolatileAdapters('Redis', () => openRedisStores(server.url, [server.port]));

  test('keeps neither keys nor groups in clear, and all of it expires', async () => {
    const { volatile } = await opened();
    await withRedis(server.port, (redis) => redis.flushall());
    await volatile.set(numbers, 'a secret', 1, soon(), 'an account');
    await volatile.add(numbers, 'another secret', 2, soon());
    await withRedis(server.port, async (redis) => {
      const keys = await redis.keys('*');
      expect(keys.filter((key) => /^mcp:number:(group:)?[\w-]{43}$/.test(key))).toHaveLength(3);
      expect(keys).toHaveLength(3);
      for (const key of keys) expect(await redis.pttl(key)).toBeGreaterThan(HOUR - 60_000);
    });
  });

  test('a group never holds more than a hundred, and its set goes with the last of them', async () => {
    const { volatile } = await opened();
    await withRedis(server.port, async (redis) => {
      await redis.flushall();
      for (let n = 0; n < 130; n += 1) await volatile.set(numbers, `n${n}`, n, soon() + n, 'g');
      const [key = ''] = await redis.keys('mcp:number:group:*');
      expect(await redis.zcard(key)).toBe(100);
      await later(2 * HOUR, () => volatile.set(numbers, 'last', 1, Date.now() + 1_000, 'g'));
      expect(await redis.zcard(key)).toBe(1);
      expect(await redis.pttl(key)).toBeLessThanOrEqual(1_000);
    });
  });

  test('has one winner among 50 that add where Redis does not know yet that the time is over', async () => {
    const { volatile } = await opened();
    await volatile.set(numbers, 'late', 1, soon());
    await later(2 * HOUR, async () => {
      const added = await Promise.all(
        Array.from({ length: 50 }, (_, n) => volatile.add(numbers, 'late', n, Date.now() + HOUR)),
      );
      expect(added.filter(Boolean)).toHaveLength(1);
      expect(await volatile.get(numbers, 'late')).toBe(added.indexOf(true));
    });
  });

  test('cannot answer while Redis is away, says so at once, and answers within 5 s after it is back', async () => {
    const warnings: string[] = [];
    const { volatile, check } = await opened(server.url, (message) => warnings.push(message));
    await check();
    await server.kill();
    for (const failing of [
      () => volatile.get(numbers, 'a'),
      () => volatile.set(numbers, 'a', 1, soon()),
      () => volatile.add(numbers, 'a', 1, soon()),
      () => volatile.remove(numbers, 'a'),
      () => volatile.listGroup(numbers, 'g'),
      check,
    ]) {
      const started = performance.now();
      await expect(failing()).rejects.toThrow(StoreUnavailableError);
      expect(performance.now() - started).toBeLessThan(500);
    }
    await server.restart();
    expect(await untilItAnswers(check)).toBeLessThan(5_000);
    await volatile.set(numbers, 'a', 1, soon());
    expect(warnings).toEqual([
      expect.stringMatching(/^Redis does not answer \(.*\); sign-ins and new tokens wait for it\.$/),
      'Redis answers again.',
    ]);
  });

  test('opens while Redis is away, and answers once it is there', async () => {
    await server.kill();
    const { volatile, check } = await opened();
    await expect(check()).rejects.toThrow(StoreUnavailableError);
    await server.restart();
    expect(await untilItAnswers(check)).toBeLessThan(5_000);
    expect(await volatile.get(numbers, 'a')).toBeUndefined();
  });

  test('cannot answer while Redis hangs, and answers once it goes on', async () => {
    const { volatile, check } = await opened();
    await withRedis(server.port, (redis) => redis.client('PAUSE', 3_500, 'ALL'));
    await expect(volatile.set(numbers, 'a', 1, soon())).rejects.toThrow(StoreUnavailableError);
    expect(await untilItAnswers(check)).toBeLessThan(5_000);
  });

  test('warns of every policy that evicts, and of one it cannot read', async () => {
    const warnings: string[] = [];
    const warn = (message: string): void => void warnings.push(message);
    await withRedis(server.port, async (redis) => {
      await opened(server.url, warn);
      expect(warnings).toEqual([]);
      await redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
      await opened(server.url, warn);
      expect(warnings).toEqual([expect.stringContaining('allkeys-lru')]);
      await redis.config('SET', 'maxmemory-policy', 'noeviction');
      await redis.call('ACL', 'SETUSER', 'managed', 'on', '>pass', '~*', '+@all', '-info', '-config');
      await opened(server.url.replace('://', '://managed:pass@'), warn);
      expect(warnings.slice(1)).toEqual([expect.stringContaining('make sure that it is noeviction')]);
    });
  });

  test('tells no password, key or value in its errors', async () => {
    const warnings: string[] = [];
    const { volatile, check } = await opened(server.url.replace('://', '://someone:hidden-pass%40word@'), (message) =>
      warnings.push(message),
    );
    const failures = [check(), volatile.set(numbers, 'hidden-key', 271_828, soon())];
    const told = await Promise.all(failures.map((failure) => failure.then(String, everythingOf)));
    for (const text of [...told, ...warnings]) expect(text).not.toMatch(/hidden|271828|someone/);
    expect(told[0]).toContain('WRONGPASS');
    await withRedis(server.port, (redis) =>
      redis.call('ACL', 'SETUSER', 'reader', 'on', '>pass', '~*', '+@all', '-set'),
    );
    const reader = await opened(server.url.replace('://', '://reader:pass@'));
    const refused = await reader.volatile.set(numbers, 'hidden-key', 271_828, soon()).then(String, everythingOf);
    expect(refused).toContain('NOPERM');
    expect(refused).not.toMatch(/hidden|271828/);
  });
});

/** An error with its causes and all their properties, as a log may write them. */
const everythingOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  return [error.stack, JSON.stringify(error), everythingOf(error.cause)].join('\n');
};

describeWithRedis('behind a sentinel that keeps the master to itself for a while', () => {
  test('a client that hears of a failover while it asks for the master answers once it is told', async () => {
    const topology = await startSentinels(1);
    const [master = 0, replica] = topology.servers.map(({ port }) => port);
    const [{ port: sentinel }] = parseRedisUrl(topology.url).nodes;
    cli(sentinel, 'acl', 'setuser', 'app', 'on', '>pass', 'allchannels', '+@all');
    const redis = await openRedis(`${topology.url}&sentinelUsername=app&sentinelPassword=pass`, () => undefined);
    const whyNot = (): Promise<string> => redis.check().then(String, (error: Error) => String(error.cause));
    try {
      await redis.check();
      cli(sentinel, 'acl', 'setuser', 'app', '-sentinel');
      cli(master, 'client', 'kill', 'type', 'normal');
      await until('the client asks in vain', async () => (await whyNot()).includes('NOPERM'));
      await until('a failover begins', () => /OK|INPROG/.test(cli(sentinel, 'sentinel', 'failover', 'main')));
      await until('the replica is the master', () =>
        cli(sentinel, 'sentinel', 'master', 'main').includes(`port\n${replica}\n`),
      );
      cli(sentinel, 'acl', 'setuser', 'app', '+sentinel');
      expect(await untilItAnswers(redis.check)).toBeLessThan(5_000);
    } finally {
      await redis.close();
      await topology.stop();
    }
  });
});

describe.each([
  ['in a cluster', startCluster],
  ['behind sentinels', startSentinels],
])('%s', (_, start) => {
  const describeHere = describeWithRedis;
  describeHere('of real servers', () => {
    let topology: RedisTopology;
    beforeAll(async () => {
      topology = await start();
    });
    afterAll(() => topology?.stop());

    const dataPorts = (): number[] =>
      topology.url.startsWith('redis+cluster')
        ? topology.servers.map(({ port }) => port)
        : topology.servers.slice(0, 1).map(({ port }) => port);

    describeVolatileContract('Redis', () => openRedisStores(topology.url, dataPorts()));

    test('a server that is killed comes back, or another one takes over, within 5 s', async () => {
      const redis = await openRedis(topology.url, () => undefined);
      try {
        await redis.volatile.set(numbers, 'a', 1, soon());
        await topology.servers[0]?.kill();
        if (topology.url.startsWith('redis+cluster')) {
          await untilItFails(redis.check);
          await topology.servers[0]?.restart();
        }
        const everyKey = async (): Promise<void> => {
          for (let n = 0; n < 30; n += 1) await redis.volatile.set(numbers, `k${n}`, n, soon());
          await redis.check();
        };
        expect(await untilItAnswers(everyKey)).toBeLessThan(5_000);
      } finally {
        await redis.close();
      }
    });
  });
});
