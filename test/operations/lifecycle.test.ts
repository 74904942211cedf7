/** How a server ends: readiness first, then what is under way, within a bound; at a second signal and at a defect at once. */
import { once } from 'node:events';
import { mkdtemp, rm, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { introspect, request } from '../support/client.js';
import { logged } from '../support/logged.js';
import { startServer, type TestServer } from '../support/server.js';

/** Makes a defect when it is told to. */
const DEFECT = `
process.on('SIGUSR2', () => setImmediate(() => { throw Object.assign(new Error('a defect'), { secret: 'not-for-logs' }); }));
`;

let folder: string;
let server: TestServer;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lifecycle-'));
  await writeFile(join(folder, 'defect.mjs'), DEFECT);
});
afterEach(() => server.stop());
afterAll(() => rm(folder, { recursive: true }));

const ready = () => request(`http://localhost:${server.port}/health/ready`);
const exitOf = async (): Promise<unknown> => {
  const { exitCode, signalCode } = server.process();
  return exitCode ?? signalCode ?? (await once(server.process(), 'exit'))[0];
};

test('from SIGTERM on it is not ready, answers what still comes, and exits with 0', async () => {
  server = await startServer({ env: { SHUTDOWN_DELAY: '2' } });
  expect((await ready()).json).toEqual({ status: 'ready' });
  const startedAt = performance.now();
  server.signal('SIGTERM');
  await logged(server, '"msg":"stopping"');
  const { status, json, headers } = await ready();
  expect({ status, json }).toEqual({ status: 503, json: { status: 'not ready', reason: 'stopping' } });
  expect(headers.get('connection')).toBe('close');
  expect((await introspect(server, 'x')).text).toBe('{"active":false}');
  expect((await request(`http://localhost:${server.port}/health/alive`)).status).toBe(200);
  expect(await exitOf()).toBe(0);
  expect(performance.now() - startedAt).toBeLessThan(15_000);
});

test('a second signal a moment later ends it at once, with the code of that signal', async () => {
  server = await startServer({ env: { SHUTDOWN_DELAY: '300' } });
  server.signal('SIGTERM');
  await logged(server, '"msg":"stopping"');
  await sleep(1_100);
  const startedAt = performance.now();
  server.signal('SIGINT');
  expect(await exitOf()).toBe(130);
  expect(performance.now() - startedAt).toBeLessThan(2_000);
  expect(server.output()).toContain('stopped at a second signal');
});

test('an error that nothing caught is logged in words and ends it with 70', async () => {
  server = await startServer({ preload: [join(folder, 'defect.mjs')] });
  server.signal('SIGUSR2');
  expect(await exitOf()).toBe(70);
  expect(server.output()).toMatch(/"level":60.*"message":"a defect".*"msg":"uncaughtException"/);
  expect(server.output()).not.toContain('not-for-logs');
});

test('readiness names the store that is away, and neither its folder nor its address', async () => {
  server = await startServer();
  await unlink(join(server.dataDir, 'store/data.mdb'));
  const { status, text } = await ready();
  expect(status).toBe(503);
  expect(text).toBe('{"status":"not ready","reason":"store away","stores":["embedded store"]}');
  await ready();
  expect(server.output().match(/"msg":"not ready"/g)).toHaveLength(1);
});
