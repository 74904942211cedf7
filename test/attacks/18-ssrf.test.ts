/** Fetching for an attacker: a client's address must not lead this server into its own network, nor keep it busy. */

import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { isPublicAddress } from '../../src/lib/publicLookup.js';
import { form } from '../support/client.js';
import { RESOURCE } from '../support/clientRow.js';
import { configFor } from '../support/demoServer.js';
import { type DocumentHost, PLAIN_DOCUMENT, startDocumentHost } from '../support/documentHost.js';
import { Person } from '../support/person.js';
import { startServer, type TestServer } from '../support/server.js';

const FAKE_DNS = new URL('../support/fakeDns.mjs', import.meta.url).pathname;
const REDIRECT_URI = 'http://localhost/callback';
/** Longer than a fetch may take, shorter than the server would wait without its own limit. */
const BOUNDED_MS = 8_000;

const NAMES: Record<string, string[][]> = {
  'loopback.attack.test': [['127.0.0.1']],
  'private10.attack.test': [['10.0.0.1']],
  'private172.attack.test': [['172.16.0.1']],
  'private192.attack.test': [['192.168.0.1']],
  'shared.attack.test': [['100.64.0.1']],
  'metadata.attack.test': [['169.254.169.254']],
  'zero.attack.test': [['0.0.0.0']],
  'broadcast.attack.test': [['255.255.255.255']],
  'multicast.attack.test': [['224.0.0.1']],
  'loopback6.attack.test': [['::1']],
  'mapped.attack.test': [['::ffff:127.0.0.1']],
  'nat64.attack.test': [['64:ff9b::7f00:1']],
  'sixtofour.attack.test': [['2002:7f00:1::']],
  'unique.attack.test': [['fd00::1']],
  'link.attack.test': [['fe80::1']],
  'mixed.attack.test': [['93.184.216.34', '127.0.0.1']],
  'rebinding.attack.test': [['127.0.0.1'], ['93.184.216.34'], ['127.0.0.1']],
};

let vendor: DocumentHost;
let inside: Server;
let insidePort: number;
let insideConnections = 0;
let server: TestServer;
beforeAll(async () => {
  vendor = await startDocumentHost();
  inside = createServer((socket) => {
    insideConnections += 1;
    socket.destroy();
  }).listen(0, '127.0.0.1');
  await once(inside, 'listening');
  const address = inside.address();
  insidePort = address !== null && typeof address === 'object' ? address.port : 0;
  const policy = {
    metadataDocuments: { privateHosts: [vendor.host], fetchesPerMinute: { perHost: 1_000, inAll: 9_000 } },
  };
  server = await startServer({
    config: {
      ...(await configFor(RESOURCE)),
      clientPolicy: policy,
      limits: { rates: { unknownDocumentPerAddress: { events: 9_000, seconds: 60 } } },
    },
    env: { ...vendor.env, FAKE_DNS: JSON.stringify(NAMES) },
    preload: [FAKE_DNS],
  });
});
afterAll(async () => {
  await server?.stop();
  await vendor?.stop();
  inside?.close();
});

const authorize = (clientId: string, person = new Person()) => {
  const query = form({
    client_id: clientId,
    response_type: 'code',
    redirect_uri: REDIRECT_URI,
    code_challenge: 'a'.repeat(43),
    code_challenge_method: 'S256',
  });
  return person.open(`${server.url('/authorize')}?${query}`);
};

const isRefused = async (clientId: string): Promise<string> => {
  const startedAt = performance.now();
  const page = await authorize(clientId);
  expect(performance.now() - startedAt).toBeLessThan(BOUNDED_MS);
  expect(`${page.status} ${page.leftFor}`).toBe('400 undefined');
  return page.html.textContent;
};

describe('A name that leads inside is refused before anything is connected', () => {
  test.each(Object.keys(NAMES))('%s', async (name) => {
    const before = insideConnections;
    for (let times = 0; times < 3; times++) await isRefused(`https://${name}:${insidePort}/client.json`);
    expect(insideConnections).toBe(before);
  });

  test.each(['localhost', 'LOCALHOST', 'localhost.', 'a.localhost', 'ip6-localhost'])('%s', async (name) => {
    const before = insideConnections;
    await isRefused(`https://${name}:${insidePort}/client.json`);
    expect(insideConnections).toBe(before);
  });
});

describe('An address in place of a name is no client id at all', () => {
  test.each([
    '127.0.0.1',
    '127.1',
    '2130706433',
    '0x7f000001',
    '0x7f.1',
    '0177.0.0.1',
    '169.254.169.254',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[64:ff9b::169.254.169.254]',
    '0',
    '93.184.216.34',
    '①②⑦.⓪.⓪.①',
  ])('%s', async (host) => {
    const before = insideConnections;
    const text = await isRefused(`https://${host}:${insidePort}/client.json`);
    expect(text).toContain('not registered');
    expect(insideConnections).toBe(before);
  });

  test.each([
    `https://user@${'loopback.attack.test'}/client.json`,
    'https://loopback.attack.test/../client.json',
    'https://loopback.attack.test/%2e%2e/client.json',
    'https://loopback.attack.test',
    'https://loopback.attack.test/client.json#x',
    'http://loopback.attack.test/client.json',
    'file:///etc/passwd',
    'https:loopback.attack.test/client.json',
    'https:\\\\loopback.attack.test\\client.json',
  ])('%s', async (clientId) => {
    expect(await isRefused(clientId)).toContain('not registered');
  });
});

test.each([
  '10.1.2.3',
  '172.31.255.255',
  '192.168.1.1',
  '127.255.255.254',
  '169.254.169.254',
  '100.127.0.1',
  '0.1.2.3',
  '192.0.2.1',
  '198.18.0.1',
  '198.51.100.1',
  '203.0.113.1',
  '224.0.0.251',
  '240.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::ffff:10.0.0.1',
  '::ffff:169.254.169.254',
  '::7f00:1',
  '64:ff9b::a9fe:a9fe',
  '64:ff9b:1::1',
  '2002:a9fe:a9fe::1',
  '2001::1',
  '2001:db8::1',
  'fc00::1',
  'fd12:3456::1',
  'fe80::1',
  'fec0::1',
  'ff02::1',
  'not an address',
  '',
])('%s is not of the public internet', (address) => {
  expect(isPublicAddress(address)).toBe(false);
});

test.each(['93.184.216.34', '1.1.1.1', '2606:2800:220:1::1'])('%s is of the public internet', (address) => {
  expect(isPublicAddress(address)).toBe(true);
});

describe('A document host that', () => {
  const text = (path: string, more: object = {}) =>
    JSON.stringify({ client_id: vendor.url(path), ...PLAIN_DOCUMENT, ...more });
  /** Refused, and not remembered: the next try with a good document goes through. */
  const isRefusedOnce = async (path: string): Promise<void> => {
    await isRefused(vendor.url(path));
    vendor.serve(path, PLAIN_DOCUMENT);
    expect((await authorize(vendor.url(path))).status).toBe(200);
  };

  test.each([301, 302, 303, 307, 308])('redirects with %i is not followed', async (status) => {
    const [path, target] = [`/redirect-${status}.json`, `/target-${status}.json`];
    vendor.serve(target, PLAIN_DOCUMENT);
    vendor.answer(path, (response) => void response.writeHead(status, { location: vendor.url(target) }).end());
    await isRefused(vendor.url(path));
    expect(vendor.requests(target)).toEqual([]);
    await isRefusedOnce(path);
  });

  test('sends a byte a second is given up in time', async () => {
    vendor.answer('/slow.json', (response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const timer = setInterval(() => response.write(' '), 500);
      response.once('close', () => clearInterval(timer));
    });
    await isRefusedOnce('/slow.json');
  });

  test('never answers is given up in time', async () => {
    vendor.answer('/silent.json', () => undefined);
    await isRefusedOnce('/silent.json');
  });

  test('sends without end is cut off', async () => {
    vendor.answer('/endless.json', (response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const more = (): void =>
        void (response.destroyed || response.write('x'.repeat(65_536), () => setImmediate(more)));
      more();
    });
    await isRefusedOnce('/endless.json');
  });

  test.each(['gzip', 'br', 'deflate', 'identity'])(
    'compresses with %s, which was not asked for, is refused',
    async (encoding) => {
      const path = `/${encoding}.json`;
      vendor.answer(path, (response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': encoding });
        response.end(gzipSync(text(path, { x: 'x'.repeat(10_000_000) })));
      });
      await isRefusedOnce(path);
      expect(vendor.requests(path)[0]?.['accept-encoding']).toBeUndefined();
    },
  );

  test('sends one byte more than 5 KB is refused, and 5 KB are not', async () => {
    for (const [path, bytes] of [
      ['/5120.json', 5_120],
      ['/5121.json', 5_121],
    ] as const)
      vendor.serve(path, text(path).padEnd(bytes));
    expect((await authorize(vendor.url('/5120.json'))).status).toBe(200);
    await isRefusedOnce('/5121.json');
  });

  test.each([
    ['HTML', 'text/html', (path: string) => text(path)],
    ['plain text', 'text/plain', (path: string) => text(path)],
    ['no type', '', (path: string) => text(path)],
    ['a type that only begins like JSON', 'application/jsonp', (path: string) => text(path)],
    ['JSON that is none', 'application/json', () => '{"client_id":'],
    ['a JSON array', 'application/json', () => '[]'],
    ['null', 'application/json', () => 'null'],
    ['nothing', 'application/json', () => ''],
    ['invalid UTF-8', 'application/json', () => Buffer.from([0x7b, 0xff, 0xfe, 0x7d])],
    ['deep JSON', 'application/json', () => '['.repeat(2_500) + ']'.repeat(2_500)],
    ['the id of somebody else', 'application/json', () => text('/else.json')],
  ])('sends %s is refused', async (what, type, body) => {
    const path = `/${what.replaceAll(' ', '-')}.json`;
    vendor.answer(path, (response) => {
      response.writeHead(200, type === '' ? {} : { 'content-type': type }).end(body(path));
    });
    await isRefusedOnce(path);
  });

  test.each([201, 204, 206, 400, 404, 500])('answers with status %i is refused', async (status) => {
    const path = `/status-${status}.json`;
    vendor.answer(path, (response) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(status === 204 ? undefined : text(path));
    });
    await isRefusedOnce(path);
  });

  test('tells the person nothing of what it sent', async () => {
    vendor.answer('/secret.json', (response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"root":"x:0:0:internal-secret');
    });
    expect(await isRefused(vendor.url('/secret.json'))).not.toContain('internal-secret');
  });
});

test('logo_uri, jwks_uri and the other addresses of a document are never fetched', async () => {
  const addresses = ['logo_uri', 'jwks_uri', 'policy_uri', 'tos_uri', 'sector_identifier_uri', 'client_uri'];
  const more = Object.fromEntries(addresses.map((name) => [name, vendor.url(`/never/${name}`)]));
  const clientId = vendor.serve('/addresses.json', { ...PLAIN_DOCUMENT, ...more });
  const person = new Person();
  const consent = await person.signIn(await authorize(clientId, person));
  expect(consent.html.querySelector('button[name=decision]')).not.toBeNull();
  expect(consent.html.toString()).not.toContain('/never/logo_uri');
  for (const name of addresses) expect(vendor.requests(`/never/${name}`)).toEqual([]);
});
