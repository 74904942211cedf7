/** Requests to the Admin API that no backend sends: refused as the sender's fault, in the form that the document describes. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Validator } from '@seriousme/openapi-schema-validator';
import { ADMIN_CONFIG, AdminApi } from '../support/adminApi.js';
import { type Answer, request } from '../support/client.js';
import { rawRequest, sendRaw } from '../support/raw.js';
import { startServer, type TestServer } from '../support/server.js';

let server: TestServer;
let api: AdminApi;
beforeAll(async () => {
  server = await startServer({ config: ADMIN_CONFIG, issuerPath: '/auth' });
  api = await AdminApi.open(server);
});
afterAll(async () => {
  expect(server.output()).not.toContain('request failed');
  await server?.stop();
});

const authorized = () => ({ authorization: `Bearer ${api.token}` });
const send = (
  method: string,
  path: string,
  body?: string | Uint8Array<ArrayBuffer>,
  type = 'application/json',
): Promise<Answer> =>
  request(server.url(`/admin/v1${path}`), {
    method,
    headers: { ...authorized(), ...(type && { 'content-type': type }) },
    ...(body === undefined ? {} : { body }),
  });
const isProblem = ({ status, headers, json }: Answer, expected: number): void => {
  expect(status).toBe(expected);
  expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
  expect(headers.get('cache-control')).toBe('no-store');
  expect(json).toMatchObject({ status: expected, title: expect.any(String), detail: expect.any(String) });
  expect(json.type).toBe(`${server.issuer}/admin/v1/problems/${json.code}`);
};

describe('The document', () => {
  test('is an OpenAPI 3.1 document, readable without a token, with every address at the issuer', async () => {
    const { json, headers } = await request(server.url('/admin/v1/openapi.json'));
    expect(headers.get('content-type')).toMatch(/^application\/json/);
    const validator = new Validator();
    expect(await validator.validate(json)).toEqual({ valid: true });
    expect(validator.version).toBe('3.1');
    expect(() => validator.resolveRefs()).not.toThrow();
    expect(json.servers).toEqual([{ url: `${server.issuer}/admin/v1` }]);
  });

  test('says of every operation what it can be refused with, always as a problem', () => {
    for (const methods of Object.values(api.document.paths))
      for (const [method, { responses }] of Object.entries(methods)) {
        const refusals = Object.keys(responses).filter((status) => Number(status) >= 400);
        expect(refusals).toEqual(expect.arrayContaining(['400', '401', '429', '500', '503']));
        if (method === 'put') expect(refusals).toEqual(expect.arrayContaining(['413', '415']));
        for (const status of refusals)
          expect(Object.keys(responses[status]?.content ?? {})).toEqual(['application/problem+json']);
      }
  });

  test('describes each kind of problem at the address that is its type', async () => {
    const { json } = await api.get('/accounts/none');
    const described = await request(String(json.type));
    expect(described.status).toBe(200);
    expect(described.text).toContain('not-found (404)');
    isProblem(await send('GET', '/problems/nothing', undefined, ''), 404);
  });
});

const PUTS: [string, object][] = [
  ['/accounts/x', { email: 'x@example.com', name: 'x' }],
  ['/organizations/x', { name: 'x', ownerId: 'x' }],
  ['/organizations/x/members/x', { roles: [] }],
  ['/organizations/x/mcp-access', { enabled: true }],
];

describe.each(PUTS)('PUT %s', (path, body) => {
  test.each<[string, number, string | Uint8Array<ArrayBuffer>]>([
    ['nothing', 400, ''],
    ['what is no JSON', 400, '{'],
    ['a list', 400, '[]'],
    ['null', 400, 'null'],
    ['a text', 400, '"x"'],
    ['invalid UTF-8', 400, Buffer.from([0x22, 0xff, 0x22])],
    ['deep JSON', 400, '['.repeat(30_000)],
    ['deep JSON that ends', 400, `${'['.repeat(30_000)}${']'.repeat(30_000)}`],
    ['half a character', 400, JSON.stringify({ ...body, name: 1 }).replace('1', '"\\ud800"')],
    ['a further field', 400, JSON.stringify({ ...body, admin: true })],
    ['__proto__', 400, JSON.stringify(body).replace('{', '{"__proto__":{"admin":true},')],
    ['constructor', 400, JSON.stringify({ ...body, constructor: { prototype: { admin: true } } })],
    ['100 KB', 413, JSON.stringify({ ...body, name: 'x'.repeat(100_000) })],
  ])('refuses %s with %i', async (_, status, sent) => {
    isProblem(await send('PUT', path, sent), status);
  });

  test('refuses operators in place of values, one by one', async () => {
    for (const name of Object.keys(body))
      for (const value of [{ $ne: null }, { $gt: '' }, ['x'], 7, null, { $where: '1' }])
        isProblem(await send('PUT', path, JSON.stringify({ ...body, [name]: value })), 400);
  });

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'nonsense', ''])(
    'refuses the content type %j with 415',
    async (type) => {
      isProblem(await send('PUT', path, Buffer.from(JSON.stringify(body)), type), 415);
    },
  );

  test('refuses 2 MB in chunks, without a length, with 413', async () => {
    const target = `/auth/admin/v1${path}`;
    const headers = [`Authorization: Bearer ${api.token}`, 'Content-Type: application/json'];
    const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`;
    const head = rawRequest('PUT', target, [...headers, 'Transfer-Encoding: chunked']);
    const { status } = await sendRaw(server.port, head, ...Array.from({ length: 32 }, () => chunk), '0\r\n\r\n');
    expect(status).toBe(413);
  });
});

test('Bodies that are compressed are refused with 415', async () => {
  const headers = { ...authorized(), 'content-type': 'application/json', 'content-encoding': 'gzip' };
  isProblem(await request(server.url('/admin/v1/accounts/x'), { method: 'PUT', headers, body: 'x' }), 415);
});

test.each([
  '%00',
  '%E0%A4%A',
  '%2e%2e',
  'a%2Fb',
  'a:b',
  'a.b',
  '$ne',
  '__proto__%5Bx%5D',
  'x'.repeat(129),
  '%F0%9F%98%80',
])('The id %s is refused', async (id) => {
  for (const path of [
    `/accounts/${id}`,
    `/organizations/${id}/members`,
    `/organizations/${id}/mcp-access`,
    `/connections/${id}`,
  ]) {
    const answer = await send('GET', path, undefined, '');
    expect([400, 404]).toContain(answer.status);
    isProblem(answer, answer.status);
  }
  for (const query of [`?accountId=${id}`, `?organizationId=${id}`])
    for (const path of ['/connections', '/audit']) isProblem(await send('GET', path + query, undefined, ''), 400);
});

test('Ids that mean something to JavaScript name nothing', async () => {
  for (const id of ['__proto__', 'constructor', 'hasOwnProperty', 'toString'])
    for (const path of [`/accounts/${id}`, `/organizations/${id}`, `/connections/${id}`, `/problems/${id}`])
      isProblem(await send('GET', path, undefined, ''), 404);
});

test.each([
  '?limit=1&limit=2',
  '?email=a@example.com&email=b@example.com',
  '?__proto__=x',
  '?email[$ne]=x',
  '?limit=1e9',
  '?cursor=%00',
  `?cursor=${Buffer.from('["x",[{"$gt":""}],{}]').toString('base64url')}`,
  '?emailPrefix=a&email=a@example.com',
  '?limit=-1',
])('The query %s is refused', async (query) => {
  isProblem(await send('GET', `/accounts${query}`, undefined, ''), 400);
});

test('A prefix with whatever in it finds nothing and breaks nothing', async () => {
  for (const prefix of ['%00', '%F4%8F%BF%BF', '%ff', '.*', '%5E', '%EF%BF%BF', 'x'.repeat(254)])
    expect((await send('GET', `/accounts?emailPrefix=${prefix}`, undefined, '')).json.items).toEqual([]);
});

test('Other methods and paths are refused as problems, and a HEAD is a GET without its body', async () => {
  for (const method of ['POST', 'PATCH', 'OPTIONS', 'PUT']) {
    const answer = await send(method, '/accounts');
    isProblem(answer, 405);
    expect(answer.headers.get('allow')).toBe('GET, HEAD');
  }
  isProblem(await send('GET', '/accounts/x/y', undefined, ''), 404);
  const head = await send('HEAD', '/accounts', undefined, '');
  expect([head.status, head.text]).toEqual([200, '']);
});
