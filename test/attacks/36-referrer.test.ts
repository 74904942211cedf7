/** Addresses with secrets in them reach nobody else: no Referer, and nothing loaded from elsewhere. */
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { request } from '../support/client.js';
import { everyPage, type NamedPage } from '../support/everyPage.js';
import { startServer, type TestServer } from '../support/server.js';

let server: TestServer;
let pages: NamedPage[];
beforeAll(async () => {
  server = await startServer();
  pages = await everyPage(server);
});
afterAll(() => server?.stop());

test('every HTML answer says no-referrer', () => {
  expect(pages.length).toBeGreaterThan(30);
  for (const { name, page } of pages)
    expect(`${name}: ${page.headers.get('referrer-policy')}`).toBe(`${name}: no-referrer`);
});

test('so does every redirect, asset and answer to a client that is opened in a browser', async () => {
  const asset = /\/assets\/style\.css[^"]*/.exec(pages[0]?.page.html.toString() ?? '')?.[0] ?? '/none';
  for (const path of ['/', '/account', '/jwks', '/.well-known/openid-configuration', '/userinfo', asset]) {
    const { headers } = await request(server.url(path));
    expect(`${path}: ${headers.get('referrer-policy')}`).toBe(`${path}: no-referrer`);
  }
});

test('no page loads anything from another origin', () => {
  for (const { name, page } of pages) {
    const loaded = page.html.querySelectorAll(
      'script[src], link[href], img, iframe, source, video, audio, object, embed, track, use, image, input[type=image]',
    );
    expect(loaded.length).toBeGreaterThan(0);
    for (const element of loaded) {
      const address = element.getAttribute('src') ?? element.getAttribute('href') ?? '';
      expect(`${name}: ${new URL(address, page.url).origin}`).toBe(`${name}: ${page.url.origin}`);
    }
    expect(page.html.querySelectorAll('[srcset], [background], [poster], [ping], [manifest]')).toEqual([]);
  }
});

test('no page loosens the policy for itself, and links that leave carry no referrer either', () => {
  for (const { page } of pages) {
    expect(page.html.querySelectorAll('[referrerpolicy], meta[name=referrer], base')).toEqual([]);
    for (const link of page.html.querySelectorAll('a[target]'))
      expect(link.getAttribute('rel')).toContain('noreferrer');
  }
});

test('stylesheet, script and image load nothing from elsewhere', () => {
  const folder = 'views/assets';
  const files = readdirSync(folder);
  expect(files.length).toBeGreaterThan(2);
  for (const file of files) {
    const text = readFileSync(`${folder}/${file}`, 'utf8').replaceAll('http://www.w3.org/2000/svg', '');
    expect(`${file}: ${/(https?:)?\/\/[a-z0-9-]+\.[a-z]/i.exec(text)?.[0]}`).toBe(`${file}: undefined`);
    expect(text).not.toMatch(/@import|importScripts|sendBeacon|WebSocket|EventSource/);
  }
});

test('pages that are personal are kept by no cache', () => {
  for (const { name, page } of pages) expect(`${name}: ${page.headers.get('cache-control')}`).toBe(`${name}: no-store`);
});
