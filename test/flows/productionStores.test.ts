/** Two servers on the same MongoDB and Redis are one: what either answers holds on the other at the next request. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { withClient } from '../stores/mongoStores.js';
import { type Answer, form, introspect, request, TestClient, type Tokens, tokensOf } from '../support/client.js';
import { directory } from '../support/directory.js';
import { startServer, type TestServer } from '../support/server.js';
import { databaseIn, describeWith, type Service, sharedMongod, sharedRedis } from '../support/services.js';

/** What the driver says of commands, without those of the background job that looks for removals to finish. */
function ofRequests(output: string): string[] {
  const lines = output.split('\n').filter((line) => /Command (started|succeeded|failed)/.test(line));
  const idIn = (line: string): string | undefined => /requestId: (\d+)/.exec(line)?.[1];
  const background = new Set(lines.filter((line) => line.includes('"find":"removals"')).map(idIn));
  return lines.filter((line) => !background.has(idIn(line))).map((line) => /Command \w+/.exec(line)?.[0] ?? '');
}

const describeWithServices = await describeWith('mongod', 'redis-server');

describeWithServices('two servers on the same stores', () => {
  let mongod: Pick<Service, 'url' | 'stop'>;
  let redis: Pick<Service, 'url' | 'stop'>;
  let mongodbUri: string;
  let a: TestServer;
  let b: TestServer;
  let client: TestClient;
  beforeAll(async () => {
    [mongod, redis] = await Promise.all([sharedMongod(), sharedRedis()]);
    mongodbUri = databaseIn(mongod.url, `flows_${process.pid}`);
    const production = { mongodbUri, redisUrl: redis.url };
    a = await startServer({ production });
    // The driver logs each command, which is how they are counted.
    const env = { MONGODB_LOG_COMMAND: 'debug', MONGODB_LOG_PATH: 'stderr' };
    b = await startServer({ production, issuer: a.issuer, env });
    client = await TestClient.register(a);
  }, 60_000);
  afterAll(async () => {
    await Promise.all([a?.stop(), b?.stop()]);
    if (mongodbUri) await withClient(mongodbUri, (mongo) => mongo.db().dropDatabase());
    await Promise.all([mongod?.stop(), redis?.stop()]);
  });

  const token = (server: TestServer, parameters: Record<string, string>): Promise<Answer> =>
    request(server.url('/token'), { method: 'POST', body: form({ client_id: client.clientId, ...parameters }) });
  const exchange = (server: TestServer, { code, verifier }: { code: string; verifier: string }): Promise<Answer> =>
    token(server, {
      grant_type: 'authorization_code',
      code,
      code_verifier: verifier,
      redirect_uri: client.redirectUri,
    });
  const refresh = (server: TestServer, { refreshToken }: Tokens): Promise<Answer> =>
    token(server, { grant_type: 'refresh_token', refresh_token: refreshToken });
  const active = async (server: TestServer, { accessToken }: Tokens): Promise<unknown> =>
    (await introspect(server, accessToken)).json.active;
  const either = (n: number): TestServer => (n % 2 === 0 ? a : b);

  test('authorize on one, exchange on the other, refresh on the first, introspect on the other', async () => {
    const tokens = tokensOf(await exchange(b, await client.code()));
    const refreshed = tokensOf(await refresh(a, tokens));
    const answer = await introspect(b, refreshed.accessToken);
    expect(answer.json).toMatchObject({
      active: true,
      iss: a.issuer,
      username: 'ada@example.com',
      org_name: 'Acme Robotics',
    });
  });

  test('an introspection is one command to Redis, then four to MongoDB side by side', async () => {
    const { accessToken } = await client.connect();
    for (let n = 0; n < 5; n += 1) await introspect(b, accessToken);
    const counter = new Redis(redis.url);
    try {
      const [length, before] = [b.output().length, await commandsTo(counter)];
      for (let n = 0; n < 20; n += 1) expect((await introspect(b, accessToken)).json.active).toBe(true);
      const messages = ofRequests(b.output().slice(length));
      const atOnce = [...Array(4).fill('Command started'), ...Array(4).fill('Command succeeded')];
      expect(messages).toEqual(Array(20).fill(atOnce).flat());
      expect(await commandsTo(counter)).toEqual({ ...before, get: Number(before.get) + 20 });
    } finally {
      counter.disconnect();
    }
  });

  test('a connection that one removed is inactive on the other at the next request', async () => {
    for (let n = 0; n < 4; n += 1) {
      const tokens = tokensOf(await exchange(either(n), await client.code()));
      expect(await active(either(n + 1), tokens)).toBe(true);
      const body = form({ token: tokens.refreshToken, client_id: client.clientId });
      expect((await request(either(n).url('/revoke'), { method: 'POST', body })).status).toBe(200);
      expect(await active(either(n + 1), tokens)).toBe(false);
      expect((await refresh(either(n + 1), tokens)).json.error).toBe('invalid_grant');
    }
  });

  test('a switch by the command line holds on both at the next request, in both directions', async () => {
    const tokens = await client.connect();
    for (const state of ['off', 'on']) {
      await directory(a, 'mcp-access', state, 'Acme Robotics');
      expect(await Promise.all([active(a, tokens), active(b, tokens)])).toEqual([state === 'on', state === 'on']);
    }
  });

  test('of 50 redemptions of one code one gets tokens, and the connection is dead afterwards', async () => {
    for (let round = 0; round < 2; round += 1) {
      const code = await client.code();
      const answers = await Promise.all(Array.from({ length: 50 }, (_, n) => exchange(either(n), code)));
      const won = answers.filter(({ status }) => status === 200);
      expect(won).toHaveLength(1);
      const refused = answers.filter(({ status }) => status !== 200);
      expect(refused.map(({ status, json }) => [status, json.error])).toEqual(
        refused.map(() => [400, 'invalid_grant']),
      );
      const tokens = tokensOf(won[0] as Answer);
      expect(await Promise.all([active(a, tokens), active(b, tokens)])).toEqual([false, false]);
      expect((await refresh(a, tokens)).json.error).toBe('invalid_grant');
    }
  });

  test('of 20 refreshes with one token all get the same response, and its tokens work', async () => {
    for (let round = 0; round < 2; round += 1) {
      const tokens = await client.connect();
      const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => refresh(either(n), tokens)));
      expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
      const refreshed = tokensOf(answers[0] as Answer);
      expect(await Promise.all([active(a, refreshed), active(b, refreshed)])).toEqual([true, true]);
      expect((await refresh(b, refreshed)).status).toBe(200);
    }
  });

  test('a server that is killed leaves everything to the other', async () => {
    const tokens = await client.connect();
    await a.kill();
    expect(await active(b, tokens)).toBe(true);
    expect((await refresh(b, tokens)).status).toBe(200);
    await a.restart();
    expect(await active(a, tokens)).toBe(true);
  });
});

/** How often each command was called so far, beside those that only ask how Redis is. */
async function commandsTo(redis: Redis): Promise<Record<string, number>> {
  const lines = (await redis.info('commandstats')).matchAll(/^cmdstat_(\S+?):calls=(\d+)/gm);
  const called = Array.from(lines, ([, name = '', calls]) => [name, Number(calls)] as const);
  return Object.fromEntries(called.filter(([name]) => name !== 'info' && name !== 'ping'));
}
