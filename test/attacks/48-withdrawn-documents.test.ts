/** A metadata document that its host has withdrawn or changed, kept in use by caching rules, by limits that are used up, or by an outage. */
import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { request, TestClient } from '../support/client.js';
import { RESOURCE } from '../support/clientRow.js';
import { configFor } from '../support/demoServer.js';
import { type DocumentHost, PLAIN_DOCUMENT, startDocumentHost } from '../support/documentHost.js';
import { describeOnEachStore } from '../support/onEachStore.js';
import { startServer, type TestServer } from '../support/server.js';

const REDIRECT_URI = 'http://127.0.0.1/callback';
const ELSEWHERE = 'https://elsewhere.example/callback';
const MINUTE = 60_000;
const NO_STORE = { 'cache-control': 'no-store' };
const PER_HOST = 8;

let vendor: DocumentHost;
beforeAll(async () => {
  vendor = await startDocumentHost();
});
afterAll(() => vendor?.stop());

const options = async (perHost: number) => ({
  config: {
    ...(await configFor(RESOURCE)),
    clientPolicy: {
      metadataDocuments: { privateHosts: [vendor.host], fetchesPerMinute: { perHost, inAll: 10_000 } },
    },
  },
  env: vendor.env,
});

let paths = 0;
const newPath = () => `/${++paths}/client.json`;
const authorize = async (server: TestServer, clientId: string, redirectUri = REDIRECT_URI): Promise<number> =>
  (await request(TestClient.known(server, clientId, redirectUri).authorize().url)).status;
/** By this status a person is led on to the sign-in page. */
const ACCEPTED = 303;

describe('What counts as fresh', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer(await options(10_000));
  });
  afterAll(() => server?.stop());

  const fetches = async (headers: Record<string, string>, laterMs: number): Promise<number> => {
    const path = newPath();
    const clientId = vendor.serve(path, PLAIN_DOCUMENT, headers);
    expect(await authorize(server, clientId)).toBe(ACCEPTED);
    await server.advance(laterMs);
    expect(await authorize(server, clientId)).toBe(ACCEPTED);
    return vendor.requests(path).length;
  };
  const aged = (ms: number) => new Date(Date.now() - ms).toUTCString();

  test.each<[string, number, Record<string, string>]>([
    ['no-cache, stale-while-revalidate=86400', 1, {}],
    ['no-cache, stale-if-error=86400', 1, {}],
    ['max-age=0, must-revalidate, stale-while-revalidate=86400', 1, {}],
    ['max-age=0, stale-if-error=86400', 1, {}],
    ['stale-while-revalidate=86400', 1, {}],
    ['max-age=300, stale-while-revalidate=86400', 6, {}],
    ['max-age=300, stale-if-error=86400', 6, {}],
    ['max-age=300, must-revalidate, stale-while-revalidate=86400', 6, {}],
    ['max-age=300', 2, { age: '240' }],
    ['immutable', 1, {}],
    ['public', 1, { 'last-modified': aged(365 * 24 * 60 * MINUTE) }],
    ['', 1, { 'last-modified': aged(365 * 24 * 60 * MINUTE) }],
    ['', 1, { expires: aged(MINUTE) }],
    ['', 1, { expires: '0' }],
    ['max-age=0', 1, { expires: aged(-60 * MINUTE) }],
    ['max-age=nothing', 1, {}],
    ['max-age=0, max-age=86400', 1, {}],
    ['max-age=86400, max-age=0', 1, {}],
    ['No-Cache, Max-Age=86400', 1, {}],
    ['NO-STORE, max-age=86400', 1, {}],
    ['Private, max-age=86400', 1, {}],
    ['max-age=86400', 1, { vary: '*' }],
  ])('"%s": asked again after %i minutes %j', async (cacheControl, minutes, more) => {
    const headers = { ...(cacheControl && { 'cache-control': cacheControl }), ...more };
    expect(await fetches(headers, minutes * MINUTE)).toBe(2);
  });

  test.each<[string, number, Record<string, string>]>([
    ['max-age=300', 4, {}],
    ['Max-Age=300', 4, {}],
    ['max-age=300, must-revalidate, stale-if-error=86400', 4, {}],
    ['s-maxage=300, max-age=0', 4, {}],
    ['', 4, { expires: aged(-5 * MINUTE) }],
  ])('"%s": used for %i minutes %j', async (cacheControl, minutes, more) => {
    const headers = { ...(cacheControl && { 'cache-control': cacheControl }), ...more };
    expect(await fetches(headers, minutes * MINUTE)).toBe(1);
  });
});

await describeOnEachStore((stores) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await stores.start(await options(PER_HOST));
  });
  afterAll(() => server?.stop());

  /** Fetches are counted by the minute. */
  const nextWindow = () => server.advance(61_000);

  /** A client that a person has connected, whose document is asked for each time. */
  const connected = async (): Promise<{ path: string; clientId: string }> => {
    await nextWindow();
    const path = newPath();
    const clientId = vendor.serve(path, PLAIN_DOCUMENT, NO_STORE);
    await TestClient.known(server, clientId, REDIRECT_URI).connect();
    return { path, clientId };
  };
  /** Uses up what may be fetched from the host, through addresses of it that are no documents. */
  const useUpHost = async (): Promise<void> => {
    const statuses = await Promise.all(
      Array.from({ length: 3 * PER_HOST }, () => authorize(server, vendor.url(newPath()))),
    );
    expect(new Set(statuses)).toEqual(new Set([400]));
    const path = newPath();
    expect(await authorize(server, vendor.serve(path, PLAIN_DOCUMENT))).toBe(400);
    expect(vendor.requests(path)).toEqual([]);
  };
  const WITHDRAWN: Record<string, (path: string) => void> = {
    'is gone (404)': (path) => vendor.answer(path, (response) => void response.writeHead(404).end()),
    'is gone for good (410)': (path) => vendor.answer(path, (response) => void response.writeHead(410).end()),
    'is gone, with a long page that says so': (path) =>
      vendor.answer(path, (response) => void response.writeHead(404).end('x'.repeat(50_000))),
    'lost the redirect URI': (path) =>
      void vendor.serve(path, { ...PLAIN_DOCUMENT, redirect_uris: [ELSEWHERE] }, NO_STORE),
    'is of another client': (path) =>
      void vendor.serve(path, { ...PLAIN_DOCUMENT, client_id: 'https://other.example/client.json' }, NO_STORE),
    'demands a secret': (path) => void vendor.serve(path, { ...PLAIN_DOCUMENT, client_secret: 'x'.repeat(40) }),
  };

  test.each(Object.keys(WITHDRAWN))(
    'is refused at once when it %s, though the host was asked as often as it may be',
    async (what) => {
      const { path, clientId } = await connected();
      await nextWindow();
      await useUpHost();
      WITHDRAWN[what]?.(path);
      expect(await authorize(server, clientId)).toBe(400);
    },
  );

  test('stays refused when its own fetches are used up as well, and while its host is down', async () => {
    const { path, clientId } = await connected();
    await nextWindow();
    WITHDRAWN['is gone (404)']?.(path);
    const statuses: number[] = [];
    for (let n = 0; n < 2 * PER_HOST; n++) statuses.push(await authorize(server, clientId));
    expect(new Set(statuses)).toEqual(new Set([400]));
    await nextWindow();
    vendor.answer(path, (response) => response.destroy());
    expect(await authorize(server, clientId)).toBe(400);
    vendor.serve(path, PLAIN_DOCUMENT, NO_STORE);
    expect(await authorize(server, clientId)).toBe(ACCEPTED);
  });

  test('keeps the clients of people who connected, whatever is asked of its host', async () => {
    const { path, clientId } = await connected();
    await nextWindow();
    await useUpHost();
    const before = vendor.requests(path).length;
    expect(await authorize(server, clientId)).toBe(ACCEPTED);
    expect(vendor.requests(path)).toHaveLength(before + 1);
  });

  test('of a client that nobody connected is used for minutes while its host is asked too often, and not for a day', async () => {
    const clientId = vendor.serve(newPath(), PLAIN_DOCUMENT, NO_STORE);
    await nextWindow();
    expect(await authorize(server, clientId)).toBe(ACCEPTED);
    await useUpHost();
    expect(await authorize(server, clientId)).toBe(ACCEPTED);
    await server.advance(6 * MINUTE);
    await useUpHost();
    expect(await authorize(server, clientId)).toBe(400);
  });

  const OUTAGES: Record<string, (response: ServerResponse) => void> = {
    'closes the connection': (response) => void response.destroy(),
    'answers 403': (response) => void response.writeHead(403).end(),
    'answers 500': (response) => void response.writeHead(500, { 'cache-control': 'max-age=86400' }).end(),
    'answers 503': (response) => void response.writeHead(503).end('<html>maintenance</html>'),
    'answers with a page': (response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'),
    'answers with broken JSON': (response) =>
      void response.writeHead(200, { 'content-type': 'application/json' }).end('{"client_id":'),
    'leads elsewhere': (response) => void response.writeHead(302, { location: vendor.url('/maintenance') }).end(),
  };

  test.each(Object.keys(OUTAGES))(
    'is used for an hour while its host %s, with the redirect URIs that it had',
    async (what) => {
      const { path, clientId } = await connected();
      await nextWindow();
      vendor.answer(path, (response) => OUTAGES[what]?.(response));
      expect(await authorize(server, clientId)).toBe(ACCEPTED);
      expect(await authorize(server, clientId, ELSEWHERE)).toBe(400);
      await server.advance(55 * MINUTE);
      expect(await authorize(server, clientId)).toBe(ACCEPTED);
      await server.advance(6 * MINUTE);
      expect(await authorize(server, clientId)).toBe(400);
    },
  );
});
