/** A flood of token requests that could all wait: few of them do, the others are refused at once, and the rest goes on. */
import { Agent, request as ask } from 'node:http';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { freePort } from '../support/childServer.js';
import { introspect, request, TestClient, tokensOf } from '../support/client.js';
import { configFor } from '../support/demoServer.js';
import { startServer, type TestServer } from '../support/server.js';

const REQUESTS = 5_000;
/** How many may wait for a limit: in all, and from one address. */
const MOST = 100;
const MOST_OF_ONE = MOST / 4;

let server: TestServer;
let client: TestClient;
let metricsPort: number;
const agent = new Agent({ keepAlive: true, maxSockets: 300 });
beforeAll(async () => {
  metricsPort = await freePort();
  const config = {
    ...(await configFor('http://localhost:3001/mcp')),
    limits: { tokenWait: 20, rates: { refreshPerConnection: { events: 1, seconds: 19 } } },
  };
  server = await startServer({ config, env: { TRUST_PROXY: '1', METRICS_PORT: String(metricsPort) } });
  client = await TestClient.register(server);
});
afterAll(async () => {
  agent.destroy();
  await server?.stop();
});

const measured = async (): Promise<{ waiting: number; bytes: number }> => {
  const { text } = await request(`http://127.0.0.1:${metricsPort}/metrics`);
  const value = (line: RegExp) => Number(line.exec(text)?.[1]);
  return {
    waiting: value(/^mcp_auth_token_requests_waiting\{for="limit"\} (\d+)$/m),
    bytes: value(/^process_resident_memory_bytes (\d+)$/m),
  };
};

/** Sends a request from an address; the status, or 0 when it was broken off. */
const refreshFrom = (address: string, refreshToken: string): Promise<number> =>
  new Promise((resolve) => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded', 'x-forwarded-for': address };
    const sent = ask(server.url('/token'), { method: 'POST', agent, headers }, (answer) => {
      answer.resume().on('end', () => resolve(answer.statusCode ?? 0));
    });
    sent.on('error', () => resolve(0));
    sent.end(`grant_type=refresh_token&client_id=${client.clientId}&refresh_token=${refreshToken}`);
  });

/** Floods, and waits until all are answered but those that wait. */
const flood = async (count: number, addressOf: (n: number) => string, refreshToken: string): Promise<void> => {
  const answered = new Map<number, number>();
  let left = count;
  await new Promise<void>((resolve) => {
    for (let n = 0; n < count; n += 1)
      void refreshFrom(addressOf(n), refreshToken).then((status) => {
        answered.set(status, (answered.get(status) ?? 0) + 1);
        left -= 1;
        if (left <= MOST) resolve();
      });
  });
  expect([...answered.keys()]).toEqual([429]);
};

test('of 5,000 requests at once a hundred wait, of one address a quarter of them, memory stays, and others are served', async () => {
  const { refreshToken: first } = await client.connect();
  const { refreshToken } = tokensOf(await client.refresh(first));
  const other = await TestClient.register(server);
  const before = await measured();
  for (let n = 0; n < MOST_OF_ONE; n += 1) void refreshFrom('192.0.2.1', refreshToken);
  expect(await refreshFrom('192.0.2.1', refreshToken)).toBe(429);
  expect((await measured()).waiting).toBe(MOST_OF_ONE);

  await flood(REQUESTS, (n) => `198.51.100.${n % 250}`, refreshToken);
  const during = await measured();
  expect(during.waiting).toBe(MOST);
  expect(during.bytes - before.bytes).toBeLessThan(100 * 1_024 * 1_024);
  const startedAt = performance.now();
  const tokens = await other.connect();
  expect((await other.refresh(tokens.refreshToken)).status).toBe(200);
  expect((await introspect(server, tokens.accessToken)).json.active).toBe(true);
  expect(performance.now() - startedAt).toBeLessThan(5_000);

  agent.destroy();
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect((await measured()).waiting).toBe(0);
  // Nothing of all this has used the token up.
  expect((await client.refresh(refreshToken)).status).toBe(200);
});
