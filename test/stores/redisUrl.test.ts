/** REDIS_URL in all its forms. */
import { describe, expect, test } from '@jest/globals';
import { parseRedisUrl } from '../../src/stores/redis/url.js';

describe('REDIS_URL', () => {
  test.each([
    ['redis://localhost', { kind: 'single', nodes: [{ host: 'localhost', port: 6379 }], tls: false, db: 0 }],
    ['rediss://h:7000/2', { kind: 'single', nodes: [{ host: 'h', port: 7000 }], tls: true, db: 2 }],
    ['redis://:p%40ss@h/', { kind: 'single', nodes: [{ host: 'h', port: 6379 }], password: 'p@ss' }],
    ['redis://user:p@ss@h', { username: 'user', password: 'p@ss', nodes: [{ host: 'h', port: 6379 }] }],
    ['redis://user@[::1]:7', { username: 'user', nodes: [{ host: '::1', port: 7 }] }],
    [
      'redis+sentinel://u:p@h1,h2:7/3?master=main&sentinelPassword=s',
      {
        kind: 'sentinel',
        nodes: [
          { host: 'h1', port: 26379 },
          { host: 'h2', port: 7 },
        ],
        username: 'u',
        password: 'p',
        db: 3,
        master: 'main',
        sentinelPassword: 's',
      },
    ],
    [
      'rediss+cluster://u:p@h1,h2:7',
      {
        kind: 'cluster',
        tls: true,
        nodes: [
          { host: 'h1', port: 6379 },
          { host: 'h2', port: 7 },
        ],
        username: 'u',
        password: 'p',
      },
    ],
  ])('%s', (url, target) => {
    expect(parseRedisUrl(url)).toMatchObject(target);
  });

  test.each([
    ['http://h', /must be redis:\/\//],
    ['h:6379', /must be redis:\/\//],
    ['redis://', /must be redis:\/\//],
    ['redis://u:hidden@h1,h2', /several hosts/],
    ['redis://u:hidden@h:port', /hosts/],
    ['redis://u:hidden@h:99999', /hosts/],
    ['redis://u:hidden%ZZ@h', /percent-encoded/],
    ['redis+cluster://u:hidden@h/1', /no database but 0/],
    ['redis+sentinel://u:hidden@h', /\?master=/],
    ['redis://u:hidden@h?maxRetries=1', /"maxRetries"/],
    ['redis+rabbit://u:hidden@h', /must be redis:\/\//],
  ])('%s is refused, and no message tells credentials', (url, message) => {
    expect(() => parseRedisUrl(url)).toThrow(message);
    expect(() => parseRedisUrl(url)).not.toThrow(/hidden/);
  });
});
