/** CORS, endpoint by endpoint: open without credentials where web clients call, closed everywhere else. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { organizationPath, signedInPerson } from '../support/audit.js';
import { type Answer, answerOf, basic, DEMO_RESOURCE_SERVER, form, request, TestClient } from '../support/client.js';
import { everyPage } from '../support/everyPage.js';
import type { Person } from '../support/person.js';
import { startServer, type TestServer } from '../support/server.js';

const ORIGINS = ['https://evil.example', 'null', 'http://localhost:6274', 'https://auth.example.com.evil.example'];

let server: TestServer;
let ada: Person;
beforeAll(async () => {
  server = await startServer();
  ada = await signedInPerson(server);
});
afterAll(() => server?.stop());

const from = (origin: string, path: string, init: RequestInit = {}): Promise<Answer> =>
  request(server.url(path), { ...init, headers: { ...(init.headers as Record<string, string>), origin } });
const preflight = (origin: string, path: string, method: string, headers = 'authorization,content-type') =>
  from(origin, path, {
    method: 'OPTIONS',
    headers: { 'access-control-request-method': method, 'access-control-request-headers': headers },
  });
const corsOf = ({ headers }: { headers: Headers }): Record<string, string> =>
  Object.fromEntries([...headers].filter(([name]) => name.startsWith('access-control-')));

const OPEN: [string, 'GET' | 'POST'][] = [
  ['/.well-known/oauth-authorization-server', 'GET'],
  ['/.well-known/openid-configuration', 'GET'],
  ['/jwks', 'GET'],
  ['/userinfo', 'GET'],
  ['/userinfo', 'POST'],
  ['/register', 'POST'],
  ['/token', 'POST'],
  ['/revoke', 'POST'],
];
const CLOSED = [
  '/introspect',
  '/authorize',
  '/authorize/x',
  '/login',
  '/logout',
  '/interaction/x',
  '/',
  '/account',
  '/account/connections',
  '/account/password',
  '/organizations/new',
  '/organizations/x/settings',
  '/organizations/x/audit.json',
  '/invitations/x',
  '/password/forgotten',
  '/admin/v1/accounts',
  '/admin/v1/openapi.json',
  '/health/ready',
  '/nothing',
];

describe.each(OPEN)('%s with %s', (path, method) => {
  test.each(ORIGINS)('is open to %s, without credentials, errors included', async (origin) => {
    const answer = await from(origin, path, { method });
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    expect(answer.headers.has('access-control-allow-credentials')).toBe(false);
  });

  test.each(ORIGINS)('tells %s so beforehand', async (origin) => {
    const answer = await preflight(origin, path, method);
    expect(answer.status).toBe(204);
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    expect(answer.headers.get('access-control-allow-methods')).toContain(method);
    expect(answer.headers.get('access-control-allow-headers')?.toLowerCase()).toContain('authorization');
    expect(answer.headers.has('access-control-allow-credentials')).toBe(false);
    expect(answer.headers.has('access-control-allow-private-network')).toBe(false);
  });
});

describe.each(CLOSED)('%s', (path) => {
  test.each(ORIGINS)('says nothing of CORS to %s, asked or not', async (origin) => {
    for (const answer of [
      await from(origin, path),
      await from(origin, path, { method: 'POST' }),
      await preflight(origin, path, 'GET'),
      await preflight(origin, path, 'POST'),
    ])
      expect(corsOf(answer)).toEqual({});
  });
});

test('a success says the same as an error', async () => {
  const client = await TestClient.register(server);
  const origin = 'https://web-client.example';
  const { refreshToken } = await client.connect();
  const body = form({ grant_type: 'refresh_token', refresh_token: refreshToken, client_id: client.clientId });
  const refreshed = await from(origin, '/token', { method: 'POST', body });
  expect(refreshed.status).toBe(200);
  expect(refreshed.headers.get('access-control-allow-origin')).toBe('*');
  const introspected = await from(origin, '/introspect', {
    method: 'POST',
    headers: DEMO_RESOURCE_SERVER,
    body: form({ token: String(refreshed.json.access_token) }),
  });
  expect(introspected.json.active).toBe(true);
  expect(corsOf(introspected)).toEqual({});
  const wrong = await from(origin, '/token', { method: 'POST', headers: basic('x', 'y'), body });
  expect(wrong.headers.get('access-control-allow-origin')).toBe('*');
  expect(wrong.headers.has('access-control-allow-credentials')).toBe(false);
});

test('pages of somebody who is signed in are closed too', async () => {
  const acme = await organizationPath(server, ada, 'Acme Robotics');
  for (const url of [server.url('/account'), `${acme}/settings`, `${acme}/audit.json`]) {
    const answer = await answerOf(
      await ada.browser.send(new URL(url), { headers: { origin: 'https://evil.example' } }),
    );
    expect(answer.status).toBe(200);
    expect(corsOf(answer)).toEqual({});
  }
  for (const { page } of await everyPage(server)) expect(corsOf(page)).toEqual({});
});
