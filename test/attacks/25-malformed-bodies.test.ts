/** Bodies that no client sends: refused as the sender's fault, never answered with 500, and the server goes on. */
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { request, TestClient } from '../support/client.js';
import { rawRequest, sendRaw } from '../support/raw.js';
import { startServer, type TestServer } from '../support/server.js';

const FORM = 'Content-Type: application/x-www-form-urlencoded';
const JSON_TYPE = 'Content-Type: application/json';
const DEMO = `Authorization: Basic ${Buffer.from('demo-mcp-server:demo-mcp-server-secret').toString('base64')}`;

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterEach(async () => {
  expect((await request(server.url('/health/ready'))).status).toBe(200);
});
afterAll(async () => {
  expect(server.output()).not.toContain('request failed');
  await server?.stop();
});

const ENDPOINTS: [path: string, type: string][] = [
  ['/token', FORM],
  ['/revoke', FORM],
  ['/introspect', FORM],
  ['/register', JSON_TYPE],
  ['/login', FORM],
  ['/logout', FORM],
  ['/interaction/x', FORM],
  ['/account/name', FORM],
  ['/account/connections/x/remove', FORM],
  ['/organizations/new', FORM],
  ['/organizations/x/settings/mcp-access', FORM],
  ['/invitations/x', FORM],
];
const post = (path: string, headers: string[], body: string | Uint8Array) => {
  const head = rawRequest('POST', path, [...headers, DEMO, `Content-Length: ${Buffer.byteLength(body)}`]);
  return sendRaw(server.port, head, body);
};

describe.each(ENDPOINTS)('%s', (path, type) => {
  /** A body of so many bytes that can be read. */
  const sized = (bytes: number) => (type === JSON_TYPE ? `{}${' '.repeat(bytes - 2)}` : `a=${'x'.repeat(bytes - 2)}`);

  test('reads 64 KB, and refuses a byte more with 413, announced or in chunks; clients get an OAuth error', async () => {
    const chunked = (body: string) =>
      sendRaw(
        server.port,
        rawRequest('POST', path, [type, DEMO, 'Transfer-Encoding: chunked']),
        `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
      );
    const announced = (body: string) => post(path, [type], body);
    for (const send of [announced, chunked]) {
      expect((await send(sized(65_536))).status).not.toBe(413);
      const refused = await send(sized(65_537));
      expect(refused.status).toBe(413);
      if (/^\/(token|revoke|introspect|register)$/.test(path))
        expect(JSON.parse(refused.body)).toMatchObject({ error: 'invalid_request' });
    }
  });

  test('refuses 2 MB in chunks, without a length, with 413', async () => {
    const head = rawRequest('POST', path, [type, DEMO, 'Transfer-Encoding: chunked']);
    const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`;
    const { status } = await sendRaw(server.port, head, ...Array.from({ length: 32 }, () => chunk), '0\r\n\r\n');
    expect(status).toBe(413);
  });

  test.each(['text/plain', 'multipart/form-data; boundary=x', 'application/xml', 'nonsense', ''])(
    'refuses the content type %j with 415',
    async (wrong) => {
      const headers = wrong === '' ? [] : [`Content-Type: ${wrong}`];
      expect((await post(path, headers, 'a=b')).status).toBe(415);
    },
  );

  test.each<[string, string | Uint8Array]>([
    ['nothing', ''],
    ['invalid UTF-8', Buffer.from([0x61, 0x3d, 0xff, 0xfe, 0xc3, 0x28])],
    ['overlong UTF-8', Buffer.from([0x61, 0x3d, 0xc0, 0xaf])],
    ['invalid UTF-8, percent-encoded', 'token=%ff%fe&code=%c3%28&client_id=%ed%a0%80'],
    ['NUL bytes', 'token=\u0000&client_id=\u0000&email=\u0000&password=\u0000'],
    ['NUL bytes, percent-encoded', 'token=%00&client_id=%00&grant_type=%00'],
    ['lone percent signs', '%=%&%%=%zz'],
    ['separators alone', '&&&===&&&'],
    [
      '10,000 fields',
      Array.from({ length: 10_000 }, (_, n) => `f${n}=`)
        .join('&')
        .slice(0, 65_000),
    ],
    ['10,000 times the same field', 'a=1&'.repeat(10_000)],
    ['brackets without end', `a${'[b]'.repeat(10_000)}=c`],
    ['deep JSON', '['.repeat(30_000)],
    ['deep JSON that ends', `${'{"a":'.repeat(8_000)}1${'}'.repeat(8_000)}`],
    ['deep redirect_uris', `{"redirect_uris":${'['.repeat(20_000)}${']'.repeat(20_000)}}`],
    ['a JSON number without end', `{"a":1${'0'.repeat(50_000)}}`],
    ['lone surrogates', '{"client_name":"\\ud800","redirect_uris":["\\udfff"]}'],
    ['UTF-16', Buffer.from('{"redirect_uris":[]}', 'utf16le')],
    ['a byte order mark', '\uFEFF{"redirect_uris":["http://localhost/"]}'],
    ['gzip', Buffer.from([0x1f, 0x8b, 0x08, 0x00])],
  ])('answers %s without a failure of its own', async (_what, body) => {
    const { status, body: answer } = await post(path, [type], body);
    expect(`${status} ${answer.slice(0, 300)}`).toMatch(/^[234]\d\d /);
  });

  test.each(['gzip', 'deflate', 'br', 'zstd', 'x-gzip', 'gzip, identity', 'nonsense'])(
    'refuses a body in the coding %s with 415 and says which is accepted (RFC 9110 §15.5.16)',
    async (coding) => {
      for (const body of [gzipSync('token=x'), 'token=x']) {
        const answer = await post(path, [type, `Content-Encoding: ${coding}`], body);
        expect([answer.status, /^accept-encoding: (.*)\r$/im.exec(answer.head)?.[1]]).toEqual([415, 'identity']);
      }
    },
  );

  test('refuses a body in another transfer coding than chunked with 400', async () => {
    const head = rawRequest('POST', path, [type, DEMO, 'Transfer-Encoding: gzip, chunked']);
    const { status } = await sendRaw(server.port, head, '7\r\ntoken=x\r\n0\r\n\r\n');
    expect(status).toBe(400);
  });

  test.each(['identity', 'Identity', ''])('reads a body in the coding %j', async (coding) => {
    const answer = await post(path, [type, `Content-Encoding: ${coding}`], 'token=x');
    expect(answer.status).not.toBe(415);
  });

  test.each([
    ['another charset', type.replace(/$/, '; charset=utf-7')],
    ['UTF-16 as charset', type.replace(/$/, '; charset=utf-16')],
    ['a charset that nobody knows', type.replace(/$/, '; charset=x-nothing')],
  ])('answers %s without a failure of its own', async (_what, header) => {
    const headers = header.startsWith('Content-Type') ? [header] : [type, header];
    const { status } = await post(path, headers, 'token=x');
    expect(status).toBeGreaterThanOrEqual(200);
    expect(status).toBeLessThan(500);
  });
});

test.each([
  ['/token', 'client_id=x&"\u00e9\\\n=1&"\u00e9\\\n=2', 400],
  ['/token', 'client_id=CLIENT&grant_type=refresh_token&refresh_token=x&resource=x', 400],
  ['/token', 'client_id=x', 401],
  ['/revoke', 'client_id=CLIENT', 400],
  ['/introspect', 'token=x&client_id=x&client_secret=', 401],
])('%s says what is wrong with %j in the characters of RFC 6749 §5.2', async (path, body, status) => {
  const { clientId } = await TestClient.register(server);
  const sent = rawRequest('POST', path, [FORM], body.replace('CLIENT', clientId));
  const answer = await sendRaw(server.port, sent);
  expect(answer.status).toBe(status);
  expect(JSON.parse(answer.body).error_description).toMatch(/^[\x20\x21\x23-\x5b\x5d-\x7e]+$/);
});

describe('The processor time of a body grows no faster than the body', () => {
  /** Milliseconds of the server's process so far. */
  const spent = (): number => {
    const fields = readFileSync(`/proc/${server.process().pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return 10 * (Number(fields[11]) + Number(fields[12]));
  };
  const timeOf = async (send: () => Promise<unknown>, times: number): Promise<number> => {
    const before = spent();
    for (let n = 0; n < times; n++) await send();
    return spent() - before;
  };
  /** Four times the size may cost what four bodies cost, with room for what a process does beside. */
  const expectLinear = async (send: (size: number) => Promise<unknown>, most: number): Promise<void> => {
    await send(most / 4);
    const four = await timeOf(() => send(most / 4), 4);
    expect(await timeOf(() => send(most), 1)).toBeLessThan(2 * four + 200);
  };

  test.each(['/token', '/revoke', '/introspect', '/login'])('in chunks of a byte, at %s', async (path) => {
    const head = rawRequest('POST', path, [FORM, 'Transfer-Encoding: chunked']);
    await expectLinear((size) => sendRaw(server.port, head, '1\r\nx\r\n'.repeat(size), '0\r\n\r\n'), 64_000);
  });

  test.each(['/token', '/revoke'])('with a resource named again and again, at %s', async (path) => {
    const { clientId } = await TestClient.register(server);
    const body = (size: number) => `client_id=${clientId}&grant_type=x&token=x&${'resource=a&'.repeat(size)}`;
    await expectLinear((size) => sendRaw(server.port, rawRequest('POST', path, [FORM], body(size))), 5_600);
  });
});

test.each([
  ['a length and chunks', ['Content-Length: 5', 'Transfer-Encoding: chunked'], '0\r\n\r\nGET /'],
  ['two lengths', ['Content-Length: 5', 'Content-Length: 6'], 'a=b&c='],
  ['a negative length', ['Content-Length: -1'], 'a'],
  ['a length that is no number', ['Content-Length: 1e3'], 'a'],
  ['a chunk that is no number', ['Transfer-Encoding: chunked'], 'zz\r\na\r\n0\r\n\r\n'],
  ['another transfer encoding', ['Transfer-Encoding: gzip, chunked'], '0\r\n\r\n'],
  ['a header without a name', [': x'], ''],
  ['a header with a space in its name', ['X y: z'], ''],
  ['a header folded over two lines', ['X-A: b\r\n c'], ''],
  ['100 KB of headers', [`X-A: ${'x'.repeat(100_000)}`], ''],
  ['5,000 headers', Array.from({ length: 5_000 }, (_, n) => `X-${n}: x`), ''],
])('%s are refused, and no second request is read out of them', async (_what, headers, body) => {
  const head = rawRequest('POST', '/token', [FORM, ...headers]);
  const { status, head: answered, body: rest } = await sendRaw(server.port, head, body);
  expect(status === 0 || (status >= 400 && status < 500)).toBe(true);
  expect(answered + rest).not.toMatch(/HTTP\/1\.1[\s\S]*HTTP\/1\.1/);
});

test.each([
  '\0',
  'GET',
  'GET / HTTP/9.9\r\n\r\n',
  '\r\n\r\n\r\n',
  '\x16\x03\x01\x02\x00\x01\x00',
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
])('the bytes %j in place of a request end nothing but their connection', async (bytes) => {
  const { status } = await sendRaw(server.port, bytes, 'x\r\n\r\n');
  expect(status).toBeLessThan(500);
});

test.each(['TRACE', 'CONNECT', 'DELETE', 'PUT', 'PATCH', 'PROPFIND', 'HEAD', 'OPTIONS'])(
  'the method %s is answered everywhere without a failure',
  async (method) => {
    for (const path of [...ENDPOINTS.map(([known]) => known), '/authorize', '/userinfo', '/jwks', '/account']) {
      const { status } = await sendRaw(server.port, rawRequest(method, path, []));
      expect(`${path} ${status < 500}`).toBe(`${path} true`);
    }
  },
);

test.each([
  '/%',
  '/%00',
  '/%ff%fe',
  '/%c3%28',
  '/\u00ff',
  '/..%2f..%2f',
  `/${'a'.repeat(10_000)}`,
  '/account?%',
  '/login?return_to=%ff',
])('the address %j is answered without a failure', async (path) => {
  const { status } = await sendRaw(server.port, rawRequest('GET', path.replace(/[^\x21-\x7e]/g, '\xff'), []));
  expect(status).toBeGreaterThanOrEqual(200);
  expect(status).toBeLessThan(500);
});

test.each(['/account/connections?text=', '/account/connections/', '/organizations/'])(
  'an address of 15 KB below %s is answered with headers that any proxy takes',
  async (path) => {
    const target = `${path}${'%20'.repeat(5_000)}/remove`;
    const { status, head } = await sendRaw(server.port, rawRequest('GET', target, []));
    expect([302, 404]).toContain(status);
    expect(head.length).toBeLessThan(4_000);
  },
);
