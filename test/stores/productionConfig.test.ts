/** The configuration of production stores. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { ConfigError, loadConfig } from '../../src/config.js';

const MONGODB_URI = 'mongodb://u:hidden@h/db?replicaSet=rs0';
const REDIS_URL = 'redis://u:hidden@h';
const keys = { COOKIE_KEYS: 'c'.repeat(32), ENCRYPTION_KEY: Buffer.alloc(32).toString('base64') };

describe('MONGODB_URI and REDIS_URL', () => {
  const DATA_DIR = mkdtempSync(join(tmpdir(), 'config-test-'));
  afterAll(() => rmSync(DATA_DIR, { recursive: true }));

  test('are used as they are, both together', () => {
    const config = loadConfig({ MONGODB_URI, REDIS_URL, ...keys });
    expect(config).toMatchObject({ mongodbUri: MONGODB_URI, redisUrl: REDIS_URL });
    expect(loadConfig({ DATA_DIR, MONGODB_URI: '' })).toMatchObject({ mongodbUri: undefined, redisUrl: undefined });
  });

  test.each<[Record<string, string>, RegExp]>([
    [{ MONGODB_URI }, /REDIS_URL is missing/],
    [{ REDIS_URL }, /MONGODB_URI is missing/],
    [{ MONGODB_URI: 'postgres://u:hidden@h', REDIS_URL }, /^MONGODB_URI must begin with/],
    [{ MONGODB_URI, REDIS_URL: 'http://u:hidden@h' }, /^REDIS_URL must be/],
    [{ MONGODB_URI, REDIS_URL, ENCRYPTION_KEY: '' }, /^ENCRYPTION_KEY is required/],
    [{ MONGODB_URI, REDIS_URL, COOKIE_KEYS: '' }, /^COOKIE_KEYS is required/],
  ])('%j is refused by name and without credentials', (env, message) => {
    const load = () => loadConfig({ ...keys, ...env });
    expect(load).toThrow(ConfigError);
    expect(load).toThrow(message);
    expect(load).not.toThrow(/hidden/);
  });

  test('get the demo directory only when DEMO_DIRECTORY says so', () => {
    expect(loadConfig({ DATA_DIR }).demoDirectory).toBe(true);
    expect(loadConfig({ MONGODB_URI, REDIS_URL, ...keys }).demoDirectory).toBe(false);
    expect(loadConfig({ MONGODB_URI, REDIS_URL, ...keys, DEMO_DIRECTORY: '1' }).demoDirectory).toBe(true);
  });
});
