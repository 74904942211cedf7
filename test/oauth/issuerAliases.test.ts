/** Aliases of the issuer: further addresses that clients know this server by, each an issuer of its own for them. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Config, loadConfig } from '../../src/config.js';
import { isOwnIssuer } from '../../src/issuer.js';
import { configOfOurOwn } from '../support/demoServer.js';

describe('issuerAliases in the configuration file', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'issuer-aliases-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const load = async (issuerAliases: unknown, ISSUER = 'https://auth.example.com/oauth'): Promise<Config> => {
    const CONFIG_FILE = join(folder, 'config.json');
    await writeFile(CONFIG_FILE, JSON.stringify({ ...(await configOfOurOwn()), issuerAliases }));
    const keys = { COOKIE_KEYS: 'c'.repeat(40), ENCRYPTION_KEY: Buffer.alloc(32, 1).toString('base64') };
    return loadConfig({ ...keys, CONFIG_FILE, ISSUER });
  };

  test.each([
    ['the bare origin', 'https://auth.example.com', ''],
    ['the bare origin with a slash', 'https://auth.example.com/', ''],
    ['another path', 'https://auth.example.com/mcp/', '/mcp'],
    ['a path below the issuer', 'https://auth.example.com/oauth/two', '/oauth/two'],
  ])('may name %s, kept byte for byte', async (_what, identifier, basePath) => {
    const config = await load([identifier]);
    expect(config.issuers).toMatchObject([
      { identifier: 'https://auth.example.com/oauth' },
      { identifier, basePath, baseUrl: `https://auth.example.com${basePath}` },
    ]);
    expect(config.issuer).toBe('https://auth.example.com/oauth');
    expect(isOwnIssuer(config, identifier)).toBe(true);
    expect(isOwnIssuer(config, config.issuer)).toBe(true);
    for (const other of [`${config.issuer}/`, 'https://auth.example.com/token', '', undefined, [identifier]])
      expect(isOwnIssuer(config, other)).toBe(false);
  });

  test.each([
    ['another host', 'https://mcp.example.com', /must have the origin of ISSUER, https:\/\/auth\.example\.com, since/],
    ['a host below', 'https://a.auth.example.com', /must have the origin of ISSUER/],
    ['another port', 'https://auth.example.com:8443', /must have the origin of ISSUER/],
    ['another scheme', 'http://auth.example.com', /must have the origin of ISSUER/],
    ['the issuer itself', 'https://auth.example.com/oauth', /is ISSUER itself or named twice; remove it/],
    ['the issuer with a slash', 'https://auth.example.com/oauth/', /is ISSUER itself or named twice; remove it/],
    ['a place of the metadata', 'https://auth.example.com/.well-known/x', /must not be below \/\.well-known/],
    ['upper case', 'https://AUTH.example.com', /"https:\/\/auth\.example\.com" instead of/],
    ['a query', 'https://auth.example.com?x=1', /each must be an http\(s\) URL in lower case without query/],
    ['dots', 'https://auth.example.com/a/../b', /"https:\/\/auth\.example\.com\/b" instead of/],
    ['an encoded path', 'https://auth.example.com/%6f', /must have a plain path/],
    ['no URL', '/mcp', /each must be an absolute URL/],
  ])('that names %s stops the start and says what to do', async (_what, alias, message) => {
    await expect(load([alias])).rejects.toThrow(message);
    await expect(load([alias])).rejects.toThrow(/issuerAliases/);
  });

  test('that names one address twice stops the start', async () => {
    const twice = ['https://auth.example.com', 'https://auth.example.com/'];
    await expect(load(twice)).rejects.toThrow(/"https:\/\/auth\.example\.com\/" is ISSUER itself or named twice/);
  });
});
