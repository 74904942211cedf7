/** Limits used against others: records that refused requests leave, and IPv6 sites that are as wide as their owner likes. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import type { RateLimiterMemory } from 'rate-limiter-flexible';
import { Limits as LimitsOfFile } from '../../src/configFile/limits.js';
import type { HttpContext } from '../../src/http/context.js';
import { HttpError } from '../../src/http/errors.js';
import { createLimits, isWithin, type Limits, shared } from '../../src/http/limits.js';
import { countSignInAttempt } from '../../src/pages/signInAttempt.js';
import type { Site } from '../../src/pages/site.js';
import { limiterOn, memoryCounter } from '../../src/stores/countedLimiter.js';
import { openRedis } from '../../src/stores/redis/open.js';
import { Browser, type Page } from '../support/browser.js';
import { type Answer, request } from '../support/client.js';
import { configFor } from '../support/demoServer.js';
import { describeOnEachStore } from '../support/onEachStore.js';
import type { TestServer } from '../support/server.js';
import { describeWith, type Service, startRedis } from '../support/services.js';

/** Without LONG a tenth of the limit and of the tries, in proportion. */
const PART = process.env.LONG === '1' ? 1 : 10;
const { signInPerAddress } = LimitsOfFile.parse({}).rates;
const RATES = LimitsOfFile.parse({
  rates: { signInPerAddress: { ...signInPerAddress, events: signInPerAddress.events / PART } },
}).rates;
const TRIES = 10_000 / PART;

/** One attempt to sign in, as the pages count it. */
const attempt = async (limits: Limits, ip: string, email: string): Promise<200 | 429> => {
  const site = { oauth: { limits }, config: { basePath: '', secure: false } } as unknown as Site;
  const ctx = { state: { ip }, cookies: { get: () => undefined, set: () => undefined } } as unknown as HttpContext;
  try {
    await countSignInAttempt(site, ctx, email);
    return 200;
  } catch (error) {
    if (error instanceof HttpError && error.status === 429) return 429;
    throw error;
  }
};

/** What may be tried, at the most, by whoever has one address, or one /48. */
const SITE_ALLOWANCE = 16 * RATES.signInPerAddress.events;

/**
 * @param limits of the stores under test
 * @param records how many records the limits have left there
 */
function recordTests(opened: () => { limits: Limits; records: () => Promise<number> }): void {
  test('sign-ins that are refused for their address leave no record for each email', async () => {
    const { limits, records } = opened();
    const statuses: number[] = [];
    for (let n = 0; n < TRIES; n += 100)
      statuses.push(
        ...(await Promise.all(
          Array.from({ length: 100 }, (_, m) => attempt(limits, '192.0.2.1', `${n + m}@example.com`)),
        )),
      );
    const accepted = statuses.filter((status) => status === 200).length;
    expect(accepted).toBe(RATES.signInPerAddress.events);
    // For each that was accepted: its account, its account from this address, and the address's part of the account.
    expect(await records()).toBeLessThanOrEqual(3 * accepted + 1);
  });

  test('from a /48 neither, with another /64 and another email each time', async () => {
    const { limits, records } = opened();
    const before = await records();
    let accepted = 0;
    for (let n = 0; n < TRIES; n += 100) {
      const statuses = await Promise.all(
        Array.from({ length: 100 }, (_, m) =>
          attempt(limits, `2001:db8:1:${(n + m).toString(16)}::1`, `${n + m}@example.net`),
        ),
      );
      accepted += statuses.filter((status) => status === 200).length;
    }
    expect(accepted).toBe(SITE_ALLOWANCE);
    expect(((await records()) - before) / accepted).toBeLessThan(8);
  });

  test('one site cannot use up the mails to set a password that an account gets', async () => {
    const { limits } = opened();
    const asked = (ip: string) => isWithin(shared(limits.passwordResetPerAccount, ip, 'ada@example.com', 1));
    const site = await Promise.all(Array.from({ length: 20 }, (_, n) => asked(`2001:db8:9:${n}::1`)));
    expect(site.filter(Boolean)).toHaveLength(Math.ceil(RATES.passwordResetPerAccount.events / 4));
    expect(await asked('192.0.2.9')).toBe(true);
  });

  test('of attempts at once never more are accepted than the limit says, and those refused leave nothing', async () => {
    const { limits, records } = opened();
    const before = await records();
    const statuses = await Promise.all(
      Array.from({ length: 1_000 }, (_, n) => attempt(limits, '192.0.2.2', `${n}@example.org`)),
    );
    const accepted = statuses.filter((status) => status === 200).length;
    expect(accepted).toBe(RATES.signInPerAddress.events);
    expect((await records()) - before).toBeLessThanOrEqual(3 * accepted + 1);
  });
}

describe('Records in the memory of the server', () => {
  const counters: RateLimiterMemory[] = [];
  const limits = createLimits(
    {
      limiter: (limit) => {
        const counter = memoryCounter(limit);
        counters.push(counter);
        return limiterOn(counter);
      },
    },
    RATES,
  );
  recordTests(() => ({
    limits,
    records: async () => counters.reduce((sum, counter) => sum + counter.dump().storage.length, 0),
  }));
});

(await describeWith('redis-server'))('Records in Redis', () => {
  let service: Service;
  let opened: Awaited<ReturnType<typeof openRedis>>;
  let redis: Redis;
  let limits: Limits;
  beforeAll(async () => {
    service = await startRedis();
    opened = await openRedis(service.url, () => undefined);
    redis = new Redis(service.url);
    limits = createLimits(opened, RATES);
  });
  afterAll(async () => {
    redis?.disconnect();
    await opened?.close();
    await service?.stop();
  });
  recordTests(() => ({ limits, records: () => redis.dbsize() }));
});

const IN_ALL = 40;
const few = (events: number) => ({ events, seconds: 3_600 });

await describeOnEachStore((stores) => {
  let server: TestServer;
  beforeAll(async () => {
    const rates = {
      registrationPerAddress: few(4),
      registrationInAll: few(IN_ALL),
      signInPerAddress: few(30),
      signInPerAccountAndAddress: few(4),
      signInPerAccount: few(20),
      authorizationPerAddress: few(3),
    };
    const config = { ...(await configFor('http://localhost:3001/mcp')), limits: { rates } };
    server = await stores.start({ config, env: { TRUST_PROXY: '1' } });
  });
  afterAll(() => server?.stop());

  const register = (address: string): Promise<Answer> =>
    request(server.url('/register'), {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-forwarded-for': address },
      body: JSON.stringify({ redirect_uris: ['http://127.0.0.1:8765/callback'] }),
    });
  const signIn = async (address: string, email: string, password: string): Promise<Page> => {
    const browser = new Browser({ 'x-forwarded-for': address });
    return browser.submit(await browser.open(server.url('/login')), 'input[name=password]', { email, password });
  };

  test('ten /64s of one /48 do not use up the registrations of everybody', async () => {
    const statuses: number[] = [];
    for (let network = 0; network < 10; network++)
      for (let n = 0; n < 4; n++) statuses.push((await register(`2001:db8:2:${network}::${n + 1}`)).status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(IN_ALL / 4);
    expect((await register('192.0.2.20')).status).toBe(201);
    expect((await register('2001:db8:3::1')).status).toBe(201);
  });

  test('100 wrong passwords from one /48 do not keep the owner out of a new browser', async () => {
    const statuses: number[] = [];
    for (let n = 0; n < 100; n++)
      statuses.push((await signIn(`2001:db8:4:${n.toString(16)}::1`, 'grace@example.com', `guess ${n}`)).status);
    expect(statuses.filter((status) => status === 401)).toHaveLength(8);
    expect(statuses.at(-1)).toBe(429);
    const own = await signIn('192.0.2.30', 'grace@example.com', 'demo-password');
    expect(`${own.status} ${own.url.pathname}`).toBe('200 /account/connections');
  });

  test('a /56 and a /48 have more than one /64, so neighbours there do not shut each other out', async () => {
    const asked = async (address: string): Promise<number> => {
      const headers = { 'x-forwarded-for': address };
      return (await request(server.url('/authorize?client_id=nobody'), { headers })).status;
    };
    const counts = async (addresses: readonly string[]) => {
      const statuses: number[] = [];
      for (const address of addresses) statuses.push(await asked(address));
      return statuses.filter((status) => status !== 429).length;
    };
    const times = <T>(count: number, make: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => make(n));
    expect(await counts(times(10, (n) => `2001:db8:5:0:${n}::1`))).toBe(3);
    // 3 more from each of the other /64s, until the /56 has had four times as many.
    expect(await counts(times(40, (n) => `2001:db8:5:${1 + (n % 8)}::1`))).toBe(9);
    expect(await counts(times(100, (n) => `2001:db8:5:${(n % 50) + 1}00::1`))).toBe(36);
    expect(await counts(['2001:db8:6::1', '192.0.2.40'])).toBe(2);
  });
});
