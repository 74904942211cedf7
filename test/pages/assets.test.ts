import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import Koa from 'koa';
import { createAssetRouter, readAssets } from '../../src/pages/assets.js';

const views = fileURLToPath(new URL('../../views', import.meta.url));
const hash = readAssets(views).get('style.css')?.hash ?? '';
let server: Server;
const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, { headers });

beforeAll(async () => {
  const app = new Koa();
  app.use(createAssetRouter(views, '/oauth').routes());
  server = createServer(app.callback()).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => {
  server.close();
});

describe('assets', () => {
  test.each([
    ['style.css', 'text/css; charset=utf-8'],
    ['app.js', 'text/javascript; charset=utf-8'],
    ['mark.svg', 'image/svg+xml'],
  ])('%s has its content type', async (name, type) => {
    const response = await get(`/oauth/assets/${name}`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe(type);
    expect((await response.text()).length).toBeGreaterThan(100);
  });

  test('is cached for ever under its own hash only', async () => {
    const cacheControl = async (path: string) => (await get(path)).headers.get('cache-control');
    expect(await cacheControl(`/oauth/assets/style.css?v=${hash}`)).toBe('public, max-age=31536000, immutable');
    expect(await cacheControl('/oauth/assets/style.css?v=other')).toBe('public, no-cache');
    expect(await cacheControl('/oauth/assets/style.css')).toBe('public, no-cache');
  });

  test('answers 304 to a known ETag', async () => {
    // fetch adds "no-cache" to a conditional request that has no Cache-Control of its own.
    const headers = { 'if-none-match': `"${hash}"`, 'cache-control': 'max-age=0' };
    const response = await get('/oauth/assets/style.css', headers);
    expect(response.status).toBe(304);
    expect(await response.text()).toBe('');
  });

  test.each(['..%2Flayout.eta', '%2e%2e%2flayout.eta', '..%5Clayout.eta', 'none.css', '__proto__', '', 'style.css/x'])(
    '%s is not there',
    async (name) => {
      expect((await get(`/oauth/assets/${name}`)).status).toBe(404);
    },
  );
});
