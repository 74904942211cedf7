/** The log: one JSON line for each request, found by the id that its answer carries. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { errorInLog } from '../../src/log.js';
import { introspect, request } from '../support/client.js';
import { logged } from '../support/logged.js';
import { startServer, type TestServer } from '../support/server.js';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server?.stop());

/** The line of a request, once it is written. */
const lineOf = async (requestId: string | null): Promise<Record<string, unknown>> =>
  JSON.parse(await logged(server, `"requestId":"${requestId}"`)) as Record<string, unknown>;

test('an answer carries the id of its line', async () => {
  const { headers } = await request(server.url('/login'));
  expect(await lineOf(headers.get('x-request-id'))).toMatchObject({
    method: 'GET',
    path: '/login',
    status: 200,
    msg: 'request',
  });
});

test('the reference on an error page is that id, and the line says why', async () => {
  const page = await request(server.url('/invitations/not-one'), { headers: { accept: 'text/html' } });
  const reference = /class="reference">([\w-]+)</.exec(page.text)?.[1] ?? null;
  expect(reference).toBe(page.headers.get('x-request-id'));
  expect(await lineOf(reference)).toMatchObject({ path: '/invitations/:token', status: 404, refusal: 'not_found' });
});

test('nobody can choose the id of a request', async () => {
  const { headers } = await request(server.url('/login'), { headers: { 'x-request-id': 'chosen' } });
  expect(headers.get('x-request-id')).toMatch(/^[\da-f-]{36}$/);
  expect(server.output()).not.toContain('chosen');
});

test('health checks and introspections have lines at debug only', async () => {
  await introspect(server, 'x');
  await lineOf((await request(server.url('/login'))).headers.get('x-request-id'));
  expect(server.output()).not.toMatch(/"path":"\/(health|introspect)/);
});

test('of an error there are its words and its causes, and nothing that hangs on it', () => {
  const cause = Object.assign(new Error('why'), { code: 'ECONNREFUSED', response: { token: 'x' } });
  const error = Object.assign(new TypeError('what', { cause }), { request: { headers: { authorization: 'x' } } });
  expect(errorInLog(error)).toEqual({
    type: 'TypeError',
    message: 'what',
    stack: error.stack,
    cause: { type: 'Error', message: 'why', code: 'ECONNREFUSED', stack: cause.stack },
  });
  expect(JSON.stringify(errorInLog('a password'))).not.toContain('password');
});
