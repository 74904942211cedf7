/** With --json a command says one JSON document on standard output and nothing else there. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { freePort } from '../support/childServer.js';
import { runCommand } from '../support/command.js';
import { longest } from '../support/counts.js';
import { startServer, type TestServer } from '../support/server.js';

let server: TestServer;
let folder: string;
beforeAll(async () => {
  server = await startServer();
  folder = await mkdtemp(join(tmpdir(), 'json-'));
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

async function json(...args: string[]) {
  const { code, out, err } = await runCommand([...args, '--json'], server.env);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return JSON.parse(out);
}

test('directory', async () => {
  const directory = (...args: string[]) => json('dist/scripts/directory.js', ...args);
  expect(await directory('members', 'list', 'Acme Robotics')).toMatchObject({
    members: [{ email: 'ada@example.com' }, {}, {}],
  });
  expect(await directory('connections', 'list', '--account', 'ada@example.com')).toEqual({ connections: [] });
  const tally = { added: 0, changed: 0, unchanged: 3 };
  expect(await directory('import', 'config/demo-directory.json')).toMatchObject({
    accounts: tally,
    organizations: tally,
  });
  expect(await directory('export', join(folder, 'directory.json'))).toMatchObject({ accounts: 3 });
});

test('keys', async () => {
  const keys = (...args: string[]) => json('dist/scripts/keys.js', ...args);
  const listed = await keys('list');
  expect(listed).toMatchObject([{ id: expect.any(String), state: 'signs' }]);
  const [{ alg }] = listed;
  const [made] = await keys('rotate', '--alg', alg);
  expect(made).toMatchObject({ id: expect.any(String), alg });
  expect(made).not.toHaveProperty('sealedJwk');
});

test('demo: one document once both servers answer; the rest is on standard error; a taken port ends it with 1', async () => {
  const [port, demoPort] = [await freePort(), await freePort()];
  const child = spawn(process.execPath, ['dist/scripts/demo.js', '--json'], {
    env: { PATH: process.env.PATH, PORT: `${port}`, DEMO_MCP_PORT: `${demoPort}`, DATA_DIR: join(folder, 'demo') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    err += chunk;
  });
  for await (const chunk of child.stdout.setEncoding('utf8')) {
    out += chunk;
    if (out.endsWith('}\n')) break;
  }
  expect(JSON.parse(out)).toMatchObject({
    issuer: `http://localhost:${port}`,
    resource: `http://localhost:${demoPort}/mcp`,
    connect: { claudeCode: `claude mcp add --transport http demo http://localhost:${demoPort}/mcp` },
  });
  expect(err).toContain('below it says how a client connects');
  expect(err).not.toContain('npm run demo');
  const again = { PORT: `${port}`, DEMO_MCP_PORT: `${await freePort()}`, DATA_DIR: join(folder, 'demo') };
  const refused = { code: 1, out: '', err: expect.stringContaining(`Port ${port} is taken`) };
  expect(await runCommand(['dist/scripts/demo.js', '--json'], again)).toEqual(refused);
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  expect((await exited)[0]).toBe(0);
});

test('docs:configuration', async () => {
  expect(await json('dist/scripts/docs/configuration.js', '--check')).toEqual({ stale: [] });
});

// They fill stores and take minutes: part of the long run alone.
if (process.env.LONG === '1')
  test(
    'benchmarks',
    async () => {
      const growth = await runCommand(['dist/scripts/bench/growth.js', '--connections', '2000', '--json']);
      expect(JSON.parse(growth.out)).toMatchObject({
        stores: 'embedded',
        milliseconds: expect.arrayContaining([expect.objectContaining({ factor: expect.any(Number) })]),
      });
      const pages = await runCommand(['dist/scripts/bench/pages.js', '--json']);
      expect(JSON.parse(pages.out)).toMatchObject({ milliseconds: { Consent: { median: expect.any(Number) } } });
    },
    longest,
  );
