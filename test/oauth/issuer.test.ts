import { describe, expect, test } from '@jest/globals';
import { loadConfig } from '../../src/config.js';

const SECRETS = {
  COOKIE_KEYS: 'c'.repeat(40),
  ENCRYPTION_KEY: Buffer.alloc(32, 1).toString('base64'),
  CONFIG_FILE: 'config/default.json',
};

describe('The issuer', () => {
  test.each(['http://auth.example.com', 'http://10.0.0.1', 'http://localhost.example.com'])(
    'must be https in production: %s stops the start with a message that names the variable',
    (ISSUER) => {
      expect(() => loadConfig({ ...SECRETS, NODE_ENV: 'production', ISSUER })).toThrow(/^ISSUER must be an https/);
    },
  );

  test.each(['prod', 'Production', 'staging'])('is not taken for that of a demo by NODE_ENV=%s', (NODE_ENV) => {
    const load = () => loadConfig({ ...SECRETS, NODE_ENV, ISSUER: 'http://auth.example.com' });
    expect(load).toThrow('NODE_ENV must be production, development or test.');
  });

  test.each([
    ['a trailing slash', 'https://auth.example.com/'],
    ['a trailing slash behind a path', 'https://auth.example.com/oauth/'],
    ['a query', 'https://auth.example.com?x=1'],
    ['a fragment', 'https://auth.example.com#x'],
    ['upper case', 'https://AUTH.example.com'],
    ['a default port', 'https://auth.example.com:443'],
    ['credentials', 'https://user@auth.example.com'],
  ])('has one spelling, because clients compare it as text: %s is refused', (_what, ISSUER) => {
    expect(() => loadConfig({ ...SECRETS, ISSUER })).toThrow(/^ISSUER must be/);
  });

  test.each([
    ['https://auth.example.com', ''],
    ['https://auth.example.com/oauth', '/oauth'],
  ])('%s is kept byte for byte', (ISSUER, basePath) => {
    expect(loadConfig({ ...SECRETS, ISSUER })).toMatchObject({ issuer: ISSUER, basePath });
  });
});
