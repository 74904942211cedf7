/** A `jwks_uri` or a key set that is to lead this server inside, to keep it busy, or to make it trust what it should not. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { introspect, tokensOf } from '../support/client.js';
import { configFor } from '../support/demoServer.js';
import { type Answering, type DocumentHost, PLAIN_DOCUMENT, startDocumentHost } from '../support/documentHost.js';
import { logged } from '../support/logged.js';
import { Person } from '../support/person.js';
import { startServer, type TestServer } from '../support/server.js';
import {
  advance,
  type ClientKey,
  newClientKey,
  outcome,
  registerSigning,
  registration,
  SigningClient,
} from '../support/signingClient.js';

const RESOURCE = 'http://localhost:3001/mcp';
const FAKE_DNS = fileURLToPath(new URL('../support/fakeDns.mjs', import.meta.url));
const BOUNDED_MS = 8_000;
const NAMES = {
  'loopback.attack.test': [['127.0.0.1']],
  'metadata.attack.test': [['169.254.169.254']],
  'private.attack.test': [['10.0.0.1']],
  'mapped.attack.test': [['::ffff:127.0.0.1']],
  'mixed.attack.test': [['93.184.216.34', '127.0.0.1']],
};

let vendor: DocumentHost;
let server: TestServer;
let key: ClientKey;
let inside: Server;
let insidePort: number;
let insideConnections = 0;
beforeAll(async () => {
  vendor = await startDocumentHost();
  inside = createServer((socket) => {
    insideConnections += 1;
    socket.destroy();
  });
  inside.listen(0, '127.0.0.1');
  await once(inside, 'listening');
  const address = inside.address();
  insidePort = address !== null && typeof address === 'object' ? address.port : 0;
  const metadataDocuments = {
    privateHosts: [vendor.host],
    denyHosts: ['denied.attack.test'],
    fetchesPerMinute: { perHost: 1_000, inAll: 9_000 },
  };
  server = await startServer({
    config: { ...(await configFor(RESOURCE)), clientPolicy: { metadataDocuments } },
    env: { ...vendor.env, FAKE_DNS: JSON.stringify(NAMES) },
    preload: [FAKE_DNS],
  });
  key = await newClientKey();
});
afterAll(async () => {
  await server?.stop();
  await vendor?.stop();
  inside?.close();
});

let paths = 0;
/** What an assertion of a client comes to whose keys are at an address; nothing but its keys is asked. */
const signsWith = async (jwks_uri: string): Promise<string> => {
  const client = await registerSigning(server, key, { jwks_uri });
  const startedAt = performance.now();
  const answer = await client.refresh('unknown');
  expect(performance.now() - startedAt).toBeLessThan(BOUNDED_MS);
  return outcome(answer);
};
const answering = (answer: Answering): string => {
  const path = `/${++paths}/jwks`;
  vendor.answer(path, answer);
  return vendor.url(path);
};
const json = (text: string, headers: Record<string, string> = {}) =>
  answering((response) => response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(text));
const setOf = (...keys: object[]) => JSON.stringify({ keys });
const AUTHENTICATED = '400 invalid_grant';

test('the right set authenticates, whatever else is in it', async () => {
  const others = [
    { kty: 'EC', crv: 'P-384', x: 'x', y: 'y' },
    { kty: 'OKP', crv: 'X25519', x: 'x' },
    { kty: 'future' },
    { ...key.publicJwk, use: 'enc', kid: 'encryption' },
    'text',
    null,
  ];
  expect(await signsWith(json(setOf(...(others as object[]), key.publicJwk)))).toBe(AUTHENTICATED);
  expect(await signsWith(json(setOf(key.publicJwk), { 'content-type': 'application/jwk-set+json' }))).toBe(
    AUTHENTICATED,
  );
});

describe('An address that leads inside is refused before anything is connected', () => {
  test.each([...Object.keys(NAMES), 'localhost', 'a.localhost'])('%s', async (name) => {
    const before = insideConnections;
    expect(await signsWith(`https://${name}:${insidePort}/jwks`)).toBe('401 invalid_client');
    expect(insideConnections).toBe(before);
  });

  test('a host that is denied', async () => {
    expect(await signsWith('https://denied.attack.test/jwks')).toBe('401 invalid_client');
  });

  test.each([
    'http://loopback.attack.test/jwks',
    'https://127.0.0.1/jwks',
    'https://2130706433/jwks',
    'https://[::1]/jwks',
    'https://[::ffff:7f00:1]/jwks',
    'https://user@loopback.attack.test/jwks',
    'https://loopback.attack.test./jwks',
    'https://loopback.attack.test/jwks#x',
    'file:///etc/passwd',
    'data:application/json,{}',
    `https://loopback.attack.test/${'x'.repeat(2_000)}`,
  ])('%s is registered by no one', async (jwks_uri) => {
    expect(outcome(await registration(server, { jwks_uri }))).toBe('400 invalid_client_metadata');
  });
});

describe('An answer that is not taken', () => {
  test.each<[string, () => string, string]>([
    ['a redirect', () => answering((r) => r.writeHead(302, { location: json(setOf(key.publicJwk)) }).end()), '503'],
    ['10 MB', () => json(setOf(key.publicJwk).padEnd(10_000_000)), '503'],
    ['one byte more than 64 KB', () => json(setOf(key.publicJwk).padEnd(65_537)), '503'],
    ['compression', () => json(setOf(key.publicJwk), { 'content-encoding': 'gzip' }), '503'],
    ['HTML', () => json(setOf(key.publicJwk), { 'content-type': 'text/html' }), '503'],
    ['no answer', () => answering((r) => void r.destroy()), '503'],
    ['what is not JSON', () => json('{"keys":['), '503'],
    ['404', () => answering((r) => void r.writeHead(404).end()), '401'],
    ['a list', () => json('[]'), '401'],
    ['thousands of keys', () => json(`{"keys":[${Array(5_000).fill('{}').join(',')}]}`), '401'],
    ['51 keys', () => json(setOf(...Array(51).fill(key.publicJwk))), '401'],
    ['no key', () => json(setOf()), '401'],
    ['a private key beside the right one', () => json(setOf(key.publicJwk, key.privateJwk)), '401'],
    ['a symmetric key beside the right one', () => json(setOf(key.publicJwk, { kty: 'oct', k: 'AAAA' })), '401'],
    ['a point that is not on the curve', () => json(setOf({ ...key.publicJwk, x: key.publicJwk.y ?? '' })), '401'],
    ['a weak RSA key', () => json(setOf({ kty: 'RSA', n: 'w'.repeat(171), e: 'AQAB' })), '401'],
    [
      'an RSA key with a huge exponent',
      () => json(setOf({ kty: 'RSA', n: 'w'.repeat(342), e: 'w'.repeat(342) })),
      '401',
    ],
    ['an RSA key of 16,384 bits', () => json(setOf({ kty: 'RSA', n: 'w'.repeat(2_731), e: 'AQAB' })), '401'],
    ['prototypes', () => json('{"keys":[{"__proto__":{"kty":"EC"}}],"__proto__":{"keys":[]}}'), '401'],
  ])('%s', async (_what, address, status) => {
    const expected = status === '401' ? '401 invalid_client' : '503 temporarily_unavailable';
    expect(await signsWith(address())).toBe(expected);
  });

  test('64 KB are taken', async () => {
    expect(await signsWith(json(setOf(key.publicJwk).padEnd(65_536)))).toBe(AUTHENTICATED);
  });

  test('a byte a second is given up in time, and one fetch serves all that ask meanwhile', async () => {
    const uri = answering((response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const timer = setInterval(() => response.write(' '), 500);
      response.once('close', () => clearInterval(timer));
    });
    const client = await registerSigning(server, key, { jwks_uri: uri });
    const answers = await Promise.all(Array.from({ length: 10 }, () => client.refresh('unknown')));
    expect(new Set(answers.map(outcome))).toEqual(new Set(['503 temporarily_unavailable']));
    expect(vendor.requests(new URL(uri).pathname)).toHaveLength(1);
  });

  test('nothing that was received is told or logged', async () => {
    const client = await registerSigning(server, key, { jwks_uri: json('{"root":"x:0:0:internal-secret') });
    expect((await client.refresh('unknown')).text).not.toContain('internal-secret');
    await logged(server, 'keys of a client cannot be fetched');
    expect(server.output()).not.toContain('internal-secret');
  });
});

test('a signature that no key verifies makes this server fetch once in 30 seconds, whoever sends it', async () => {
  const uri = json(setOf(key.publicJwk));
  const client = await registerSigning(server, key, { jwks_uri: uri });
  const { refreshToken } = await client.connect(new Person());
  await advance(server, 31_000);
  const stranger = client.with(await newClientKey());
  for (let n = 0; n < 12; n++)
    expect(outcome(await stranger.refresh(refreshToken, {}, { header: { kid: `made-up-${n}` } }))).toBe(
      '401 invalid_client',
    );
  expect(vendor.requests(new URL(uri).pathname)).toHaveLength(2);
  expect(outcome(await client.refresh(refreshToken))).toBe('200 Bearer');
});

test('what a stranger makes this server fetch keeps no client out whose keys were seen', async () => {
  const uri = json(setOf(key.publicJwk));
  const client = await registerSigning(server, key, { jwks_uri: uri });
  const { refreshToken, accessToken } = await client.connect(new Person());
  vendor.answer(new URL(uri).pathname, (response) => void response.writeHead(500).end());
  await advance(server, 3_600_000);
  const stranger = client.with(await newClientKey());
  await Promise.all(Array.from({ length: 5 }, () => stranger.refresh(refreshToken)));
  const renewed = tokensOf(await client.refresh(refreshToken));
  expect((await introspect(server, renewed.accessToken)).json.active).toBe(true);
  expect(accessToken).not.toBe(renewed.accessToken);
});

describe('Keys in a document or registration', () => {
  const secrets: [string, () => object][] = [
    ['a private key', () => key.privateJwk],
    ['a symmetric key', () => ({ kty: 'oct', k: 'c2VjcmV0' })],
    ['a private member', () => ({ ...key.publicJwk, d: 'x' })],
  ];
  test.each(secrets)('%s is refused', async (_what, secret) => {
    const jwks = { keys: [key.publicJwk, secret()] };
    const answer = await registration(server, { jwks });
    expect(outcome(answer)).toBe('400 invalid_client_metadata');
    expect(answer.json.error_description).toMatch(/private or symmetric key/);
    for (const offered of [['private_key_jwt'], ['private_key_jwt', 'none']]) {
      const clientId = vendor.serve(`/${++paths}/client.json`, {
        ...PLAIN_DOCUMENT,
        token_endpoint_auth_method: 'private_key_jwt',
        token_endpoint_auth_methods_supported: offered,
        jwks,
      });
      const page = await new Person().open(new SigningClient(server, clientId, key).plain.authorize().url);
      expect(page.status).toBe(400);
      expect(page.html.textContent).toMatch(/private or symmetric key/);
      expect(page.html.toString()).not.toContain(key.privateJwk.d);
    }
  });
});
