/** Client metadata documents: how they are fetched and kept, and which are refused (ATTACKS of the fetch included). */
import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { form, introspect, request, TestClient, tokensOf } from '../support/client.js';
import { configFor } from '../support/demoServer.js';
import { type DocumentHost, PLAIN_DOCUMENT, startDocumentHost } from '../support/documentHost.js';
import { clientRedirect, Person } from '../support/person.js';
import { startServer, type TestServer } from '../support/server.js';

const RESOURCE = 'http://localhost:3001/mcp';
const REDIRECT_URI = 'http://127.0.0.1:7777/callback';
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

let vendor: DocumentHost;
let server: TestServer;
const person = new Person();
beforeAll(async () => {
  vendor = await startDocumentHost();
  const metadataDocuments = { privateHosts: [vendor.host], fetchesPerMinute: { perHost: 1_000, inAll: 1_000 } };
  const config = { ...(await configFor(RESOURCE)), clientPolicy: { metadataDocuments } };
  server = await startServer({ config, env: vendor.env });
});
afterAll(async () => {
  await server?.stop();
  await vendor?.stop();
});

let paths = 0;
/** A path that no other test uses. */
const newPath = () => `/${++paths}/client.json`;

const clientOf = (clientId: string) => TestClient.known(server, clientId, REDIRECT_URI);
const open = (clientId: string, who = person) => who.openConsent(clientOf(clientId).authorize().url);

/** A code for this client, with the person's approval. */
const codeOf = async (client: TestClient) => {
  const { url, verifier } = client.authorize();
  const redirect = clientRedirect(await person.decide(await person.openConsent(url), 'Acme Robotics'));
  return { code: redirect.searchParams.get('code') ?? '', verifier };
};
const connect = async (client: TestClient) => {
  const { code, verifier } = await codeOf(client);
  return tokensOf(await client.exchange(code, verifier));
};

const accepted = async (clientId: string) => {
  const page = await open(clientId);
  expect(`${page.status} ${page.html.querySelector('h1')?.textContent}`).toMatch(/^200 .*wants access/s);
};
const refused = async (clientId: string) => {
  const page = await open(clientId);
  expect(page.leftFor).toBeUndefined();
  expect(page.status).toBe(400);
  return page.html.textContent.replace(/\s+/g, ' ');
};

describe('A metadata document', () => {
  test('is asked for plainly: JSON, uncompressed, without cookies or credentials', async () => {
    const path = newPath();
    await accepted(vendor.serve(path, PLAIN_DOCUMENT));
    expect(vendor.requests(path)[0]).toEqual({
      accept: 'application/json',
      host: vendor.host,
      connection: expect.any(String),
      'user-agent': expect.stringMatching(/^mcp-authorization-server\/\d/),
    });
  });

  test('makes its host the verified identity on the consent page; a registered client has none', async () => {
    const page = await open(vendor.serve(newPath(), { ...PLAIN_DOCUMENT, client_name: 'Well-known name' }));
    const verification = page.html.querySelector('.card-head')?.textContent ?? '';
    expect(verification).toContain(vendor.host);
    expect(verification).toMatch(/verified/i);
    expect(verification).not.toMatch(/unverified|Nobody has confirmed/);

    const registered = await TestClient.register(server);
    const other = await person.openConsent(registered.authorize().url);
    expect(other.html.querySelector('.card-head')?.textContent).toMatch(/unverified/i);
  });

  test('lends its host no other website: client_uri is shown only when it is the same host', async () => {
    const website = async (client_uri: string) =>
      (await open(vendor.serve(newPath(), { ...PLAIN_DOCUMENT, client_uri }))).html.toString();
    expect(await website(vendor.url('/about'))).toContain(vendor.url('/about'));
    expect(await website('https://claude.ai/')).not.toContain('claude.ai');
  });

  test('never makes this server fetch its logo or its keys, or show the logo', async () => {
    const page = await open(
      vendor.serve(newPath(), {
        ...PLAIN_DOCUMENT,
        logo_uri: vendor.url('/logo.png'),
        jwks_uri: vendor.url('/jwks.json'),
      }),
    );
    expect(page.html.toString()).not.toContain('logo.png');
    expect([...vendor.requests('/logo.png'), ...vendor.requests('/jwks.json')]).toEqual([]);
  });
});

describe('Revisions 02 and 03 of the draft', () => {
  test('the root of a host may be the address of a document', async () => {
    await accepted(vendor.serve('/', PLAIN_DOCUMENT));
  });

  test.each([
    ['none', { token_endpoint_auth_method: undefined }, '200'],
    [
      'none among several',
      { token_endpoint_auth_method: undefined, token_endpoint_auth_methods_supported: ['none'] },
      '200',
    ],
    [
      'others alone',
      { token_endpoint_auth_method: undefined, token_endpoint_auth_methods_supported: ['tls_client_auth'] },
      '400',
    ],
  ])('a document without token_endpoint_auth_method offers %s (§6)', async (_what, content, status) => {
    const page = await open(vendor.serve(newPath(), { ...PLAIN_DOCUMENT, ...content }));
    expect(`${page.status}`).toBe(status);
  });

  test.each([
    ['token_endpoint_auth_method', { token_endpoint_auth_method: 'tls_client_auth' }],
    ['shared secrets', { token_endpoint_auth_method: 'client_secret_basic' }],
    ['token_endpoint_auth_methods_supported', { token_endpoint_auth_methods_supported: ['tls_client_auth'] }],
  ])('nothing that is supported here among its %s is unauthorized_client (§6)', async (_what, content) => {
    const document = { ...PLAIN_DOCUMENT, token_endpoint_auth_method: undefined, ...content };
    const client = clientOf(vendor.serve(newPath(), document));
    const answer = await request(client.authorize().url, { headers: { accept: 'application/json' } });
    expect(`${answer.status} ${answer.json.error}`).toBe('400 unauthorized_client');
  });

  test('any other fault of a document is not', async () => {
    const client = clientOf(vendor.serve(newPath(), { ...PLAIN_DOCUMENT, client_name: undefined }));
    const answer = await request(client.authorize().url, { headers: { accept: 'application/json' } });
    expect(`${answer.status} ${answer.json.error}`).toBe('400 invalid_client_metadata');
  });
});

describe('HTTP caching', () => {
  const authorizeTwice = async (headers: Record<string, string>, laterMs = 0) => {
    const path = newPath();
    const client = clientOf(vendor.serve(path, PLAIN_DOCUMENT, headers));
    // The endpoint itself, and not the page behind it, which looks at the client once more.
    for (const ms of [laterMs, 0]) {
      expect((await request(client.authorize().url)).status).toBe(303);
      await server.advance(ms);
    }
    return vendor.requests(path).length;
  };

  test.each([
    ['max-age, within it', { 'cache-control': 'max-age=300' }, 4 * MINUTE],
    ['s-maxage before max-age, within it', { 'cache-control': 'max-age=0, s-maxage=300' }, 4 * MINUTE],
    ['a year, for a day', { 'cache-control': 'max-age=31536000' }, DAY - MINUTE],
  ])('is honoured: %s, the snapshot is used', async (_what, headers, laterMs) => {
    expect(await authorizeTwice(headers, laterMs)).toBe(1);
  });

  test.each<[string, Record<string, string>, number]>([
    ['max-age is over', { 'cache-control': 'max-age=300' }, 6 * MINUTE],
    ['max-age has mostly passed on the way', { 'cache-control': 'max-age=300', age: '290' }, MINUTE],
    ['a year was said, and a day has passed', { 'cache-control': 'max-age=31536000' }, DAY + MINUTE],
    ['no-store', { 'cache-control': 'no-store' }, 0],
    ['no-store beside max-age', { 'cache-control': 'no-store, max-age=300' }, 0],
    ['no-cache', { 'cache-control': 'no-cache' }, 0],
    ['private, which means no cache of many people', { 'cache-control': 'private, max-age=300' }, 0],
    ['nothing is said', {}, 0],
  ])('asks again when %s', async (_what, headers, laterMs) => {
    expect(await authorizeTwice(headers, laterMs)).toBe(2);
  });

  test('a failure is never kept, whatever its headers say, and costs one fetch', async () => {
    const path = newPath();
    const clientId = vendor.url(path);
    vendor.answer(path, (response) => response.writeHead(500, { 'cache-control': 'max-age=300' }).end());
    await refused(clientId);
    expect(vendor.requests(path)).toHaveLength(1);
    vendor.serve(
      path,
      { ...PLAIN_DOCUMENT, redirect_uris: ['javascript:alert(1)'] },
      { 'cache-control': 'max-age=300' },
    );
    await refused(clientId);
    vendor.serve(path, '{"client_id":', { 'cache-control': 'max-age=300' });
    await refused(clientId);
    expect(vendor.requests(path)).toHaveLength(3);
    vendor.serve(path, PLAIN_DOCUMENT);
    await accepted(clientId);
  });

  test('requests at the same time are one fetch', async () => {
    const path = newPath();
    const clientId = vendor.url(path);
    vendor.answer(path, (response) => {
      setTimeout(() => {
        const body = JSON.stringify({ client_id: clientId, ...PLAIN_DOCUMENT });
        response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' }).end(body);
      }, 300);
    });
    const answers = await Promise.all(Array.from({ length: 6 }, () => request(clientOf(clientId).authorize().url)));
    expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(303));
    expect(vendor.requests(path)).toHaveLength(1);
  });
});

describe('Once a person has approved', () => {
  test("exchange, refresh, introspection and revocation never depend on the client's web server", async () => {
    const client = clientOf(vendor.serve(newPath(), PLAIN_DOCUMENT, { 'cache-control': 'no-store' }));
    const { code, verifier } = await codeOf(client);
    await vendor.down();
    try {
      const first = tokensOf(await client.exchange(code, verifier));
      expect((await introspect(server, first.accessToken)).json).toMatchObject({
        active: true,
        client_id: client.clientId,
        client_name: 'Documented client',
      });
      await server.advance(61 * MINUTE);
      const second = tokensOf(await client.refresh(first.refreshToken));
      expect((await introspect(server, second.accessToken)).json.active).toBe(true);
      expect(await refused(client.clientId)).toContain('cannot be used');
      expect((await client.revoke(second.refreshToken)).status).toBe(200);
      expect((await introspect(server, second.accessToken)).json).toEqual({ active: false });
    } finally {
      await vendor.up();
    }
  });

  test('the snapshot lasts as long as the connection does', async () => {
    const client = clientOf(vendor.serve(newPath(), PLAIN_DOCUMENT));
    const { refreshToken } = await connect(client);
    await vendor.down();
    try {
      await server.advance(20 * DAY);
      expect((await client.refresh(refreshToken)).status).toBe(200);
    } finally {
      await vendor.up();
    }
  });
});

describe('A document that loses the redirect_uri', () => {
  test.each([
    ['between authorize and consent page', 'page'],
    ['between consent page and approval', 'approval'],
  ])('%s is refused, and no code is issued', async (_when, when) => {
    const path = newPath();
    const noStore = { 'cache-control': 'no-store' };
    const client = clientOf(vendor.serve(path, PLAIN_DOCUMENT, noStore));
    const loseIt = () =>
      void vendor.serve(path, { ...PLAIN_DOCUMENT, redirect_uris: ['https://elsewhere.example/cb'] }, noStore);
    const somebody = new Person();
    const signInPage = await somebody.open(client.authorize().url);
    if (when === 'page') loseIt();
    let page = await somebody.signIn(signInPage);
    if (when === 'approval') {
      expect(page.status).toBe(200);
      loseIt();
      page = await somebody.decide(page, 'Acme Robotics');
    }
    expect(page.leftFor).toBeUndefined();
    expect(page.status).toBe(400);
    expect(page.html.textContent).toContain('The client changed its registration');
  });
});

describe('A document is refused', () => {
  const json =
    (body: string | Buffer, headers: Record<string, string> = {}) =>
    (response: ServerResponse) =>
      response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(body);
  const document = (clientId: string, more: object = {}) =>
    JSON.stringify({ client_id: clientId, ...PLAIN_DOCUMENT, ...more });
  const without = (clientId: string, name: string) => document(clientId, { [name]: undefined });

  test.each<[string, (clientId: string) => (response: ServerResponse) => unknown, string]>([
    ['that names another client_id', () => json(document('https://other.example/client.json')), 'client_id'],
    ['that names itself with a slash more', (id) => json(document(`${id}/`)), 'client_id'],
    ['without a client_id', (id) => json(without(id, 'client_id')), 'client_id'],
    ['without a client_name', (id) => json(without(id, 'client_name')), 'client_name'],
    ['without redirect_uris', (id) => json(without(id, 'redirect_uris')), 'redirect_uris'],
    ['with a secret', (id) => json(document(id, { client_secret: 'x'.repeat(40) })), 'client_secret'],
    ['with the end of a secret', (id) => json(document(id, { client_secret_expires_at: 0 })), 'client_secret_expires'],
    [
      'for a client that must have a secret',
      (id) => json(document(id, { token_endpoint_auth_method: 'client_secret_post' })),
      'none',
    ],
    [
      'for a client that only signs, without keys',
      (id) => json(document(id, { token_endpoint_auth_method: 'private_key_jwt' })),
      'exactly one of jwks and jwks_uri',
    ],
    [
      'with nothing but dangerous redirect_uris',
      (id) => json(document(id, { redirect_uris: ['javascript:alert(1)', 'http://evil.example/', 7] })),
      "none of its redirect_uris can be used: redirect_uris[0] must not use the scheme javascript: (a private-use scheme is a domain name in reverse, as in com.example.app, or one that this server's operator lists); redirect_uris[1] must use https:, a loopback address, or a private-use scheme; redirect_uris[2] must only contain absolute URIs",
    ],
    [
      'with very many redirect_uris, none acceptable',
      (id) => json(document(id, { redirect_uris: Array(200).fill('http://evil.example/') })),
      'redirect_uris[9] must use https:, a loopback address, or a private-use scheme; and 190 more',
    ],
    ['with an empty list of redirect_uris', (id) => json(document(id, { redirect_uris: [] })), 'at least one URI'],
    [
      'with 11 redirect_uris',
      (id) => json(document(id, { redirect_uris: Array(11).fill(REDIRECT_URI) })),
      'at most 10',
    ],
    ['of more than 5 KB', (id) => json(document(id, { padding: 'x'.repeat(5_120) })), 'more than 5120 bytes'],
    ['that is compressed', (id) => json(gzipSync(document(id)), { 'content-encoding': 'gzip' }), 'compressed'],
    [
      'that would be 50 MB unpacked',
      () => json(gzipSync(Buffer.alloc(50_000_000)), { 'content-encoding': 'gzip' }),
      'compressed',
    ],
    ['that is not JSON', () => json('<html>the secret of the intranet</html>'), 'not JSON'],
    ['that is an array', () => json('[]'), 'not a JSON object'],
    ['that is null', () => json('null'), 'not a JSON object'],
    ['that is not UTF-8', () => json(Buffer.from([0x22, 0xff, 0xfe, 0x22])), 'cannot be used'],
    [
      'that is served as HTML',
      (id) => (response) => response.writeHead(200, { 'content-type': 'text/html' }).end(document(id)),
      'application/json',
    ],
    [
      'that is served without a type',
      (id) => (response) => response.writeHead(200).end(document(id)),
      'application/json',
    ],
    ['that is not found', () => (response) => response.writeHead(404).end(), 'status 404'],
    [
      'that is created',
      (id) => (response) => response.writeHead(201, { 'content-type': 'application/json' }).end(document(id)),
      'status 201',
    ],
    ['whose connection breaks off', () => (response) => response.destroy(), 'cannot be used'],
    [
      'that breaks off in the middle',
      () => (response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '900' }).write('{');
        setTimeout(() => response.destroy(), 20);
      },
      'cannot be used',
    ],
  ])('%s', async (_what, answering, why) => {
    const path = newPath();
    const answer = answering(vendor.url(path));
    vendor.answer(path, (response) => void answer(response));
    const text = await refused(vendor.url(path));
    expect(text).toContain('The metadata document');
    expect(text).toContain(why);
    expect(text).not.toContain('intranet');
  });

  test('that is behind a redirect, which is not followed', async () => {
    const path = newPath();
    const target = newPath();
    vendor.serve(target, PLAIN_DOCUMENT);
    vendor.answer(path, (response) => response.writeHead(302, { location: vendor.url(target) }).end());
    expect(await refused(vendor.url(path))).toContain('status 302');
    expect(vendor.requests(target)).toEqual([]);
  });

  test('whose body never ends, after five seconds, or after 5 KB, whichever is first', async () => {
    const slow = newPath();
    vendor.answer(slow, (response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const drip = setInterval(() => response.write(' '), 200);
      response.on('close', () => clearInterval(drip));
    });
    const fast = newPath();
    let sent = 0;
    vendor.answer(fast, (response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const pour = setInterval(() => {
        sent += 65_536;
        response.write(' '.repeat(65_536));
      }, 10);
      response.on('close', () => clearInterval(pour));
    });
    const startedAt = performance.now();
    expect(await refused(vendor.url(fast))).toContain('more than 5120 bytes');
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    expect(sent).toBeLessThan(5_000_000);
    await refused(vendor.url(slow));
    expect(performance.now() - startedAt).toBeLessThan(9_000);
  });
});

describe('What this server decides itself', () => {
  test('wins over the document: grants, keys, issue dates and __proto__ have no effect', async () => {
    const path = newPath();
    const clientId = vendor.url(path);
    const fields = JSON.stringify({
      ...PLAIN_DOCUMENT,
      grant_types: ['client_credentials', 'implicit', 'authorization_code', 'refresh_token'],
      response_types: ['token', 'code'],
      scope: 'nothing',
      jwks: { keys: [] },
      client_id_issued_at: 1,
      require_auth_time: true,
    }).slice(1);
    const pollution =
      '"__proto__":{"polluted":true,"redirect_uris":["https://evil.example/"]},"constructor":{"prototype":{"polluted":true}},';
    vendor.serve(path, `{${pollution}"client_id":${JSON.stringify(clientId)},${fields}`);
    const client = clientOf(clientId);
    const tokens = await connect(client);
    expect(tokens.answer.json.scope).toBe('mcp:read mcp:write');

    const body = form({ grant_type: 'client_credentials', client_id: clientId });
    const answer = await request(server.url('/token'), { method: 'POST', body });
    expect(answer.status).toBe(400);
    expect(['unsupported_grant_type', 'unauthorized_client']).toContain(answer.json.error);
    const evil = await new Person().open(client.authorize({ redirect_uri: 'https://evil.example/' }).url);
    expect(evil.status).toBe(400);
    // Nothing leaked into other clients either.
    expect((await connect(await TestClient.register(server, RESOURCE, REDIRECT_URI))).expiresIn).toBe(3600);
  });

  test('is what the client id may be: other addresses are never fetched', async () => {
    const port = vendor.host.split(':')[1];
    for (const clientId of [
      `http://localhost:${port}/client.json`,
      `https://127.0.0.1:${port}/client.json`,
      `https://[::1]:${port}/client.json`,
      `https://2130706433:${port}/client.json`,
      `https://0x7f000001:${port}/client.json`,
      `https://localhost.:${port}/client.json`,
      `https://LOCALHOST:${port}/client.json`,
      `https://user@localhost:${port}/client.json`,
      `https://localhost:${port}/a/../client.json`,
      `https://localhost:${port}/client.json#x`,
      `https://localhost:${port}`,
      'https://169.254.169.254/latest/meta-data',
    ])
      expect(await refused(clientId)).toMatch(/client/i);
    expect(vendor.requests('/client.json')).toEqual([]);
  });

  test('a client id that no document was ever fetched for is unknown at the token endpoint, and not fetched there', async () => {
    const path = newPath();
    const client = clientOf(vendor.serve(path, PLAIN_DOCUMENT));
    const answer = await client.refresh('any');
    expect(`${answer.status} ${answer.json.error}`).toBe('401 invalid_client');
    expect(vendor.requests(path)).toEqual([]);
  });
});
