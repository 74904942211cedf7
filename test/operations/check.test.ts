/** `npm start -- --check`: says what is right, names what would stop the start, and changes nothing. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { withClient } from '../stores/mongoStores.js';
import { runCommand } from '../support/command.js';
import { configFor } from '../support/demoServer.js';
import { startServer } from '../support/server.js';
import { databaseIn, describeWith, type Service, sharedMongod, startRedis } from '../support/services.js';

const KEYS = { COOKIE_KEYS: 'c'.repeat(32), ENCRYPTION_KEY: Buffer.alloc(32).toString('base64') };

const check = (env: Record<string, string>, ...args: string[]): Promise<{ code: number; out: string; err: string }> =>
  new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ['--no-warnings', 'dist/main.js', '--check', ...args],
      { env: { PATH: process.env.PATH, ...env } },
      (_, out, err) => resolve({ code: child.exitCode ?? -1, out, err }),
    );
  });

/** What is in a folder, byte for byte; the lock file of LMDB aside, which every reader writes its process id to. */
const contentsOf = async (folder: string): Promise<Record<string, string>> => {
  const names = (await readdir(folder, { recursive: true })).filter((name) => !name.endsWith('lock.mdb')).sort();
  const entries = names.map(async (name) => {
    const path = join(folder, name);
    return [name, (await stat(path)).isFile() ? (await readFile(path)).toString('base64') : 'folder'];
  });
  return Object.fromEntries(await Promise.all(entries)) as Record<string, string>;
};

describe('on the embedded store', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'check-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('before the first start it makes neither store nor keys', async () => {
    const { code, out } = await check({ DATA_DIR: join(folder, 'data') });
    expect(code).toBe(0);
    expect(out).toContain('ok  configuration: issuer http://localhost:3000');
    expect(out).toContain('ok  embedded store: there is none yet');
    expect(await readdir(folder)).toEqual([]);
  });

  test('names the aliases of the issuer', async () => {
    const CONFIG_FILE = join(folder, 'aliases.json');
    const config = { ...(await configFor('http://localhost:3001/mcp')), issuerAliases: ['http://localhost:3000'] };
    await writeFile(CONFIG_FILE, JSON.stringify(config));
    const env = { DATA_DIR: join(folder, 'data'), CONFIG_FILE, ISSUER: 'http://localhost:3000/oauth' };
    const { out } = await check(env);
    expect(out).toContain('ok  configuration: issuer http://localhost:3000/oauth, also http://localhost:3000; ');
    await rm(CONFIG_FILE);
  });

  test('beside a running server and after it, everything is as it was', async () => {
    const server = await startServer({ dataDir: join(folder, 'served') });
    const beside = await check(server.env);
    await server.stop();
    const before = await contentsOf(join(folder, 'served'));
    const after = await check(server.env);
    expect(await contentsOf(join(folder, 'served'))).toEqual(before);
    for (const { code, out } of [beside, after]) {
      expect(out).toContain('ok  signing keys: 1, all opened with ENCRYPTION_KEY');
      expect(code).toBe(0);
    }
    const config = JSON.parse(await readFile('config/default.json', 'utf8')) as object;
    const file = join(folder, 'clients.json');
    await writeFile(
      file,
      JSON.stringify({ ...config, clients: [{ client_id: 'wrong', redirect_uris: ['nonsense'] }] }),
    );
    const wrongClient = await check({ ...server.env, CONFIG_FILE: file });
    expect(wrongClient).toMatchObject({ code: 2, err: expect.stringContaining('the client "wrong" cannot be used') });
    const wrongKey = await check({ ...server.env, ...KEYS });
    expect(wrongKey.code).toBe(1);
    expect(wrongKey.err).toContain('No key in ENCRYPTION_KEY opens the stored signing key');
  });

  test('warns of access tokens that live for less than 360 seconds, and of no others', async () => {
    const config = JSON.parse(await readFile('config/default.json', 'utf8')) as { resources: object[] };
    const file = join(folder, 'short.json');
    for (const [accessTokenTtl, warned] of [
      [359, true],
      [360, false],
    ] as const) {
      const resources = config.resources.map((resource) => ({ ...resource, accessTokenTtl }));
      await writeFile(file, JSON.stringify({ ...config, resources }));
      const { code, out } = await check({ DATA_DIR: join(folder, 'data'), CONFIG_FILE: file });
      expect(code).toBe(0);
      expect(/^warning: accessTokenTtl of http:\/\/localhost:3001\/mcp is 359 s/m.test(out)).toBe(warned);
    }
  });

  test('a wrong variable, file or argument ends with code 2', async () => {
    const file = join(folder, 'config.json');
    await writeFile(file, '{"resources": []}');
    for (const [env, ...args] of [
      [{ PORT: 'nope' }],
      [{ METRICS_PORT: '3000' }],
      [{ CONFIG_FILE: file }],
      [{ MONGODB_URI: 'mongodb://127.0.0.1/x' }],
      [{}, '--chek'],
    ] as [Record<string, string>, ...string[]][]) {
      const { code, err } = await check({ DATA_DIR: join(folder, 'data'), ...env }, ...args);
      expect(`${JSON.stringify(env)} ${args}: ${code}`).toBe(`${JSON.stringify(env)} ${args}: 2`);
      expect(err).not.toMatch(/\n\s+at /);
    }
  });

  test('the placeholder of the example is no secret, and the client is named', async () => {
    const { code, err } = await check({ DATA_DIR: folder, CONFIG_FILE: 'config/production.example.json' });
    expect(code).toBe(2);
    expect(err).toMatch(/the secret of the client "example-mcp-server" is the placeholder sha256:0{64}/);
  });

  test('all that is wrong is told at once, and no key is made', async () => {
    const env = { NODE_ENV: 'production', PORT: 'nope', METRICS_PORT: '0', UPSTREAM_ISSUER: 'https://id.example.com' };
    const { code, err } = await check({ DATA_DIR: join(folder, 'data'), ...env, REDIS_URL: 'redis://127.0.0.1' });
    expect(code).toBe(2);
    const [, told = ''] = err.split('The server did not start. ');
    expect(told.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^PORT must be a whole number/),
      expect.stringMatching(/^METRICS_PORT must be a whole number/),
      expect.stringMatching(/^ISSUER is required/),
      expect.stringContaining('MONGODB_URI is missing'),
      expect.stringMatching(/^COOKIE_KEYS is required/),
      expect.stringMatching(/^ENCRYPTION_KEY is required/),
      expect.stringMatching(/^CONFIG_FILE .* the secret of the client "demo-mcp-server" is a demo secret/),
      expect.stringMatching(/^UPSTREAM_CLIENT_ID and UPSTREAM_CLIENT_SECRET are missing/),
    ]);
    expect(await readdir(folder)).not.toContain('data');
  });

  test('where the kernel makes no folder, a start ends with code 1 and a command with code 3; both say what to do', async () => {
    const env = { DATA_DIR: '/proc/x', PORT: '0' };
    const refused = { code: 1, err: expect.stringContaining('set DATA_DIR to a folder of this process') };
    expect(await runCommand(['dist/main.js'], env)).toMatchObject(refused);
    const unusable = { code: 3, err: expect.stringContaining('set DATA_DIR to another folder') };
    expect(await runCommand(['dist/main.js'], { ...env, ...KEYS })).toMatchObject(unusable);
    expect(await runCommand(['dist/scripts/directory.js', 'accounts', 'list'], env)).toMatchObject(unusable);
  });

  test('a store that cannot be opened ends with code 3', async () => {
    await mkdir(join(folder, 'broken/store/data.mdb'), { recursive: true });
    const { code, err } = await check({ DATA_DIR: join(folder, 'broken') });
    expect(code).toBe(3);
    expect(err).toContain('set DATA_DIR to another folder');
  });
});

const describeWithServices = await describeWith('mongod', 'redis-server');

describeWithServices('on MongoDB and Redis', () => {
  let mongod: Pick<Service, 'url' | 'stop'>;
  let redis: Service;
  let env: Record<string, string>;
  let uri: string;
  beforeAll(async () => {
    [mongod, redis] = await Promise.all([sharedMongod(), startRedis()]);
    uri = databaseIn(mongod.url, `check_${process.pid}`);
    env = { ...KEYS, MONGODB_URI: uri, REDIS_URL: redis.url };
  });
  afterAll(async () => {
    await withClient(uri, (client) => client.db().dropDatabase());
    await Promise.all([mongod.stop(), redis.stop()]);
  });

  test('an empty database stays empty', async () => {
    const { code, out } = await check(env);
    expect(out).toContain('ok  MongoDB and Redis: both answer');
    expect(code).toBe(0);
    expect(await withClient(uri, (client) => client.db().listCollections().toArray())).toEqual([]);
  });

  test('a missing index ends with code 1, a store that is away with code 3 and without its password', async () => {
    await withClient(uri, (client) =>
      client.db().collection<{ _id: string; version: number }>('meta').insertOne({ _id: 'schema', version: 1 }),
    );
    const unfit = await check(env);
    expect(unfit).toMatchObject({ code: 1, err: expect.stringContaining('accounts.byEmail is missing') });
    await withClient(uri, (client) => client.db().dropDatabase());
    const noRedis = await check({ ...env, REDIS_URL: 'redis://:not-to-be-told@127.0.0.1:1' });
    expect(noRedis).toMatchObject({ code: 3, err: expect.stringContaining('Redis cannot answer now') });
    const noMongo = await check({ ...env, MONGODB_URI: 'mongodb://me:not-to-be-told@127.0.0.1:1/x' });
    expect(noMongo.code).toBe(3);
    expect(noRedis.out + noRedis.err + noMongo.out + noMongo.err).not.toContain('not-to-be-told');
  });
});
