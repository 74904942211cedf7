/** The bare server of the benchmark on MongoDB and Redis makes the same commands as this one, so it finds the same tokens. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { BareMongoInput } from '../../scripts/bench/compare/servers/bareMongo.js';
import { introspect, TestClient } from '../support/client.js';
import { startServer, type TestServer } from '../support/server.js';
import { describeWith, sharedStores } from '../support/services.js';

const PROGRAM = 'dist/scripts/bench/compare/servers/bareMongo.js';
const describeWithServices = await describeWith('mongod', 'redis-server');

describeWithServices('the bare server on MongoDB and Redis', () => {
  let stores: Awaited<ReturnType<typeof sharedStores>>;
  let server: TestServer;
  beforeAll(async () => {
    stores = await sharedStores();
    server = await startServer({ production: stores });
  }, 60_000);
  afterAll(async () => {
    await server?.stop();
    await stores?.stop();
  });

  test('answers about a token that this server issued', async () => {
    const { accessToken: token } = await (await TestClient.register(server)).connect();
    const { text: answer } = await introspect(server, token);
    const asked = { path: '/introspect', headers: {}, body: '' };
    const input: BareMongoInput = { ...stores, samples: [{ token, answer, asked }] };
    const child = spawn(process.execPath, ['--no-warnings', PROGRAM], { stdio: ['pipe', 'pipe', 'inherit'] });
    try {
      child.stdin.end(JSON.stringify(input));
      for await (const line of createInterface(child.stdout)) {
        const { port } = JSON.parse(line) as { port: number };
        const response = await fetch(`http://127.0.0.1:${port}/introspect`, { method: 'POST', body: `token=${token}` });
        expect(await response.text()).toBe(answer);
        break;
      }
      expect(JSON.parse(answer)).toMatchObject({ active: true });
      expect.assertions(2);
    } finally {
      child.kill();
    }
  });
});
