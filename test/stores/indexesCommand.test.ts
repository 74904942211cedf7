/** `npm run indexes`: what it says and does. */
import { execFile } from 'node:child_process';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { databaseIn, describeWith, type Service, sharedMongod } from '../support/services.js';
import { withClient } from './mongoStores.js';

const describeWithMongod = await describeWith('mongod');

const KEYS = { COOKIE_KEYS: 'c'.repeat(32), ENCRYPTION_KEY: Buffer.alloc(32).toString('base64') };

/** What the command wrote, and its exit code. */
const run = (env: Record<string, string>, ...args: string[]): Promise<{ code: number; output: string }> =>
  new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ['dist/scripts/indexes.js', ...args],
      { env: { PATH: process.env.PATH, ...env } },
      (_, stdout, stderr) => resolve({ code: child.exitCode ?? -1, output: stdout + stderr }),
    );
  });

describeWithMongod('npm run indexes', () => {
  let mongod: Pick<Service, 'url' | 'stop'>;
  let env: Record<string, string>;
  let uri: string;
  beforeAll(async () => {
    mongod = await sharedMongod();
    uri = databaseIn(mongod.url, `command_${process.pid}`);
    // Redis is not needed; that nobody listens there must not matter.
    env = { ...KEYS, MONGODB_URI: uri, REDIS_URL: 'redis://127.0.0.1:1' };
  });
  afterAll(async () => {
    await withClient(uri, (client) => client.db().dropDatabase());
    await mongod.stop();
  });

  test('makes all indexes in an empty database, and then nothing more', async () => {
    const first = await run(env);
    expect(first).toMatchObject({
      code: 0,
      output: expect.stringContaining('accounts.byEmail was missing and is made'),
    });
    expect(await run(env)).toEqual({
      code: 0,
      output: expect.stringMatching(/^The database .* has what this version needs\.\n$/),
    });
  });

  test('says with --json what it did', async () => {
    await withClient(uri, (client) => client.db().collection('accounts').dropIndex('byEmail'));
    const { code, output } = await run(env, '--json');
    const done = ['accounts.byEmail was missing and is made'];
    expect({ code, said: JSON.parse(output) }).toEqual({ code: 0, said: { database: `command_${process.pid}`, done } });
  });

  test('repairs what is missing or different, and with --check only tells', async () => {
    await withClient(uri, async (client) => {
      await client.db().collection('accounts').dropIndex('byEmail');
      await client.db().collection('accounts').createIndex({ email: 1 }, { name: 'byEmail' });
      await client.db().collection('connections').dropIndex('expiry');
    });
    const told = await run(env, '--check');
    expect(told.code).toBe(1);
    expect(told.output).toContain('accounts.byEmail is different, connections.expiry is missing');
    expect((await run(env)).code).toBe(0);
    expect((await run(env, '--check')).code).toBe(0);
  });

  test('does not touch the database of a newer version', async () => {
    const setTo = (version: number) =>
      withClient(uri, (client) =>
        client.db().collection<{ _id: string }>('meta').updateOne({ _id: 'schema' }, { $set: { version } }),
      );
    await setTo(99);
    expect(await run(env)).toEqual({ code: 1, output: expect.stringContaining('has schema version 99') });
    await setTo(1);
  });
});

test('npm run indexes says how to use it', async () => {
  expect(await run({}, '--help')).toEqual({ code: 0, output: expect.stringContaining('MONGODB_URI') });
  const unset = await run(KEYS);
  expect(unset).toEqual({ code: 2, output: expect.stringContaining('MONGODB_URI is not set') });
});
