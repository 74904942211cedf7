/** Requests that name two hosts, and answers without the headers that keep browsers on HTTPS and out of frames. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { freePort } from '../support/childServer.js';
import { type RawAnswer, rawRequest, sendRaw } from '../support/raw.js';
import { startServer, type TestServer } from '../support/server.js';

let server: TestServer;
let metricsPort: number;
beforeAll(async () => {
  metricsPort = await freePort();
  server = await startServer({
    issuer: 'https://localhost/oauth',
    env: { METRICS_PORT: String(metricsPort), TRUST_PROXY: '1' },
  });
});
afterAll(() => server?.stop());

const FORM = 'Content-Type: application/x-www-form-urlencoded';
const JSON_TYPE = 'Content-Type: application/json';

/** One of everything that the server answers: pages, endpoints before and behind Koa, files, errors. */
const ENDPOINTS: readonly (readonly [method: string, path: string, headers?: readonly string[], body?: string])[] = [
  ['POST', '/oauth/introspect', [FORM], 'token=x'],
  ['POST', '/oauth/token', [FORM], 'grant_type=refresh_token'],
  ['POST', '/oauth/revoke', [FORM], 'token=x'],
  ['POST', '/oauth/token', [JSON_TYPE], '{}'],
  ['POST', '/oauth/introspect', [`${FORM}; charset=utf-8`, 'Content-Encoding: gzip'], 'token=x'],
  ['GET', '/oauth/introspect'],
  ['GET', '/oauth/token'],
  ['OPTIONS', '/oauth/token', ['Origin: https://client.example', 'Access-Control-Request-Method: POST']],
  ['OPTIONS', '/oauth/introspect', ['Origin: https://client.example', 'Access-Control-Request-Method: POST']],
  ['POST', '/oauth/register', [JSON_TYPE], '{"redirect_uris":["http://localhost/callback"]}'],
  ['POST', '/oauth/register', [JSON_TYPE], '{'],
  ['GET', '/oauth/authorize?client_id=nobody'],
  ['GET', '/oauth/authorize/AAAAAAAAAAAAAAAAAAAAA'],
  ['GET', '/oauth/interaction/AAAAAAAAAAAAAAAAAAAAA'],
  ['GET', '/oauth/jwks'],
  ['GET', '/oauth/userinfo'],
  ['GET', '/oauth/.well-known/openid-configuration'],
  ['GET', '/.well-known/oauth-authorization-server/oauth'],
  ['GET', '/health/alive'],
  ['GET', '/health/ready'],
  ['GET', '/oauth/login'],
  ['POST', '/oauth/login', [FORM], 'email=x'],
  ['GET', '/oauth/account'],
  ['GET', '/oauth/account/connections'],
  ['GET', '/oauth/organizations/new'],
  ['GET', '/oauth/organizations/org_none/audit.json'],
  ['GET', '/oauth/invitations/AAAAAAAAAAAAAAAAAAAAA'],
  ['GET', '/oauth/password/forgotten'],
  ['GET', '/oauth/admin/v1/accounts'],
  ['GET', '/oauth/nothing'],
  ['DELETE', '/nothing/at/all'],
  ['GET', '/%ff'],
];

const ask = ([method, path, headers = [], body]: (typeof ENDPOINTS)[number], more: readonly string[] = []) =>
  sendRaw(server.port, rawRequest(method, path, [...headers, ...more], body));

const named = ([method, path, headers]: (typeof ENDPOINTS)[number]) => [method, path, ...(headers ?? [])].join(' ');
const each = ENDPOINTS.map((endpoint) => [named(endpoint), endpoint] as const);

const fieldsOf = ({ head }: RawAnswer): Map<string, string[]> => {
  const fields = new Map<string, string[]>();
  for (const line of head.split('\r\n').slice(1)) {
    const [name = '', ...value] = line.split(': ');
    fields.set(name.toLowerCase(), [...(fields.get(name.toLowerCase()) ?? []), value.join(': ')]);
  }
  return fields;
};

/** What every answer says, whatever it is an answer to. */
const ALWAYS = {
  'strict-transport-security': ['max-age=31536000'],
  'x-content-type-options': ['nosniff'],
  'x-frame-options': ['DENY'],
  'referrer-policy': ['no-referrer'],
};

const isHeaded = (answer: RawAnswer): void => {
  const fields = fieldsOf(answer);
  expect(Object.fromEntries(Object.keys(ALWAYS).map((name) => [name, fields.get(name)]))).toEqual(ALWAYS);
  expect(fields.get('content-security-policy')).toEqual([expect.stringContaining("frame-ancestors 'none'")]);
  expect(fields.get('cache-control')).toHaveLength(1);
};

describe.each(each)('%s', (_name, endpoint) => {
  test('has the headers that every answer has, once each', async () => {
    const answer = await ask(endpoint);
    expect(answer.status).toBeGreaterThanOrEqual(200);
    expect(answer.status).toBeLessThan(500);
    isHeaded(answer);
  });

  test('is not answered when two hosts are named, or none that could be one', async () => {
    const answers: [string, RawAnswer][] = [];
    for (const lines of [
      ['Host: localhost', 'Host: evil.example'],
      ['Host: localhost', 'Host: localhost'],
      ['Host: localhost, evil.example'],
      ['Host: localhost@evil.example'],
      ['Host:'],
    ])
      answers.push([lines.join(' + '), await ask(endpoint, lines)]);
    const [method, path, headers = [], body] = endpoint;
    const absolute = rawRequest(method, `https://evil.example${path}`, headers, body);
    answers.push(['another host in the request line', await sendRaw(server.port, absolute)]);
    expect(answers.map(([what, { status }]) => `${what}: ${status}`)).toEqual(answers.map(([what]) => `${what}: 400`));
    for (const [, answer] of answers) {
      isHeaded(answer);
      expect(answer.head).not.toMatch(/^(set-cookie|location|www-authenticate):/im);
      expect(JSON.parse(answer.body)).toMatchObject({ error: 'invalid_request' });
    }
  });
});

test.each([
  'localhost evil.example',
  'localhost/evil.example',
  'localhost\\evil.example',
  'localhost?x',
  'localhost#x',
  'localhost:port',
  'localhost:80:80',
  'localhost:123456',
  '[::1',
  '::1',
  '%6c%6f.example',
  'l\u00f6calhost',
  '<script>',
])('A Host of %j is refused', async (host) => {
  const answer = await sendRaw(
    server.port,
    Buffer.from(rawRequest('GET', '/health/alive', [`Host: ${host}`]), 'latin1'),
  );
  expect(answer.status).toBe(400);
  isHeaded(answer);
});

test('A request of HTTP/1.1 that names no host is refused; one of HTTP/1.0 need not name one', async () => {
  const without = await sendRaw(server.port, 'GET /health/alive HTTP/1.1\r\nConnection: close\r\n\r\n');
  expect(without.status).toBe(400);
  isHeaded(without);
  expect((await sendRaw(server.port, 'GET /health/alive HTTP/1.0\r\n\r\n')).status).toBe(200);
});

test.each([
  'localhost',
  'LOCALHOST:8080',
  '127.0.0.1:3000',
  '[::1]:3000',
  'auth_server.internal.',
  'xn--bcher-kva.example',
])('A Host of %j is accepted', async (host) => {
  expect((await sendRaw(server.port, rawRequest('GET', '/health/alive', [`Host: ${host}`]))).status).toBe(200);
});

test.each([
  ['http://localhost/health/alive', 'localhost'],
  ['http://localhost:80/health/alive', 'localhost'],
  ['https://LOCALHOST/health/alive', 'localhost:443'],
  ['http://[::1]:3000/health/alive', '[::1]:3000'],
])('A request line with %s and the same Host %s is accepted', async (target, host) => {
  expect((await sendRaw(server.port, rawRequest('GET', target, [`Host: ${host}`]))).status).toBe(200);
});

test.each([
  ['bytes that are no HTTP', 'nonsense\r\n\r\n', 400],
  ['two lengths', 'POST /oauth/token HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab', 400],
  ['headers that never end', `GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(40_000)}\r\n\r\n`, 431],
  ['an expectation that nobody meets', 'GET / HTTP/1.1\r\nHost: x\r\nExpect: 200-ok\r\nConnection: close\r\n\r\n', 417],
])('What is refused before it is read has them too: %s', async (_what, bytes, status) => {
  const answer = await sendRaw(server.port, bytes);
  expect(answer.status).toBe(status);
  isHeaded(answer);
});

test('The port of the metrics refuses two hosts as well', async () => {
  const ok = await sendRaw(metricsPort, rawRequest('GET', '/metrics', []));
  expect(ok.status).toBe(200);
  const refused = await sendRaw(
    metricsPort,
    rawRequest('GET', '/metrics', ['Host: localhost', 'Host: rebound.example']),
  );
  expect(refused.status).toBe(400);
});

test('A plain HTTP issuer announces no HTTPS, since nobody could go there', async () => {
  const plain = await startServer();
  try {
    for (const [method, path, headers, body] of ENDPOINTS.slice(0, 4)) {
      const answer = await sendRaw(plain.port, rawRequest(method, path.replace('/oauth', ''), headers ?? [], body));
      expect(answer.head).not.toMatch(/strict-transport-security/i);
      expect(answer.head).toMatch(/x-frame-options: DENY/i);
    }
  } finally {
    await plain.stop();
  }
});
