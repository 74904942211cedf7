/** `npm run move`: from the embedded store to MongoDB and Redis, and every client stays connected. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { withClient } from '../stores/mongoStores.js';
import { introspect, request, TestClient } from '../support/client.js';
import { longest } from '../support/counts.js';
import { directory } from '../support/directory.js';
import { Person } from '../support/person.js';
import { startServer, type TestServer } from '../support/server.js';
import { databaseIn, describeWith, type Service, sharedMongod, sharedRedis } from '../support/services.js';

const describeWithServices = await describeWith('mongod', 'redis-server');

const keyOf = async ({ dataDir }: TestServer, name: string) => (await readFile(join(dataDir, name), 'utf8')).trim();

const move = (env: Record<string, string>, ...args: readonly string[]): Promise<{ code: number; output: string }> =>
  new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ['dist/scripts/move.js', ...args],
      { env: { PATH: process.env.PATH, ...env } },
      (_, stdout, stderr) => resolve({ code: child.exitCode ?? -1, output: stdout + stderr }),
    );
  });

describeWithServices('npm run move', () => {
  let embedded: TestServer;
  let mongod: Pick<Service, 'url' | 'stop'>;
  let redis: Pick<Service, 'url' | 'stop'>;
  let mongodbUri: string;
  let env: Record<string, string>;
  beforeAll(async () => {
    [embedded, mongod, redis] = await Promise.all([startServer(), sharedMongod(), sharedRedis()]);
    mongodbUri = databaseIn(mongod.url, `moved_${process.pid}`);
    env = {
      ...embedded.env,
      MONGODB_URI: mongodbUri,
      REDIS_URL: redis.url,
      ENCRYPTION_KEY: await keyOf(embedded, 'encryption-key'),
      COOKIE_KEYS: await keyOf(embedded, 'cookie-keys'),
    };
  }, longest);
  afterAll(async () => {
    await embedded?.stop();
    await withClient(mongodbUri, (client) => client.db().dropDatabase());
    await Promise.all([mongod?.stop(), redis?.stop()]);
  }, longest);

  test('refuses another ENCRYPTION_KEY and a folder without a store, and moves nothing', async () => {
    const other = await move({ ...env, ENCRYPTION_KEY: Buffer.alloc(32).toString('base64') });
    expect(other).toMatchObject({ code: 2, output: expect.stringContaining('ENCRYPTION_KEY is not the key') });
    const nothing = await move({ ...env, DATA_DIR: join(embedded.dataDir, 'nowhere') });
    expect(nothing).toMatchObject({ code: 2, output: expect.stringContaining('There is no embedded store') });
  });

  test(
    'keeps clients connected, used tokens used, removed connections removed, and the audit log',
    async () => {
      const client = await TestClient.register(embedded);
      const kept = await client.connect();
      const used = await client.connect({ email: 'grace@example.com' });
      const successor = await client.refresh(used.refreshToken);
      const removed = await client.connect();
      await client.revoke(removed.refreshToken);
      const jwks = await request(embedded.url('/jwks'));
      const before = JSON.parse(
        await directory(embedded, '--json', 'connections', 'list', '--account', 'ada@example.com'),
      );
      await embedded.kill();

      const elsewhere = databaseIn(mongod.url, `moved_json_${process.pid}`);
      const inJson = await move({ ...env, MONGODB_URI: elsewhere }, '--json');
      expect(JSON.parse(inJson.output)).toMatchObject({ moved: { refreshTokens: 4, accounts: 3 } });
      await withClient(elsewhere, (other) => other.db().dropDatabase());
      const moved = await move(env);
      expect(moved).toMatchObject({ code: 0, output: expect.stringContaining('Everything is moved') });
      expect(moved.output).toMatch(/refreshTokens: 4 records/);
      expect(await move(env)).toMatchObject({ code: 1, output: expect.stringContaining('is not empty') });

      const production = { mongodbUri, redisUrl: redis.url };
      const { ENCRYPTION_KEY = '', COOKIE_KEYS = '' } = env;
      const server = await startServer({ production, issuer: embedded.issuer, env: { ENCRYPTION_KEY, COOKIE_KEYS } });
      const there = client.at(server);
      expect((await request(server.url('/jwks'))).text).toBe(jwks.text);
      const refreshed = await there.refresh(kept.refreshToken);
      expect(`${refreshed.status} ${refreshed.text}`).toMatch(/^200 /);
      const answer = await introspect(server, String(refreshed.json.access_token));
      expect(answer.json).toMatchObject({ active: true, username: 'ada@example.com', org_name: 'Acme Robotics' });
      expect((await there.refresh(used.refreshToken)).text).toBe(successor.text);
      expect((await there.refresh(removed.refreshToken)).json.error).toBe('invalid_grant');
      const after = await directory(server, '--json', 'connections', 'list', '--account', 'ada@example.com');
      expect(JSON.parse(after)).toEqual(before);
      await server.stop();
    },
    longest,
  );

  test('leaves the embedded store as it was', async () => {
    await embedded.restart();
    const client = await TestClient.register(embedded);
    const { code, verifier } = await client.codeFor(new Person());
    expect((await client.exchange(code, verifier)).status).toBe(200);
  });
});
