/** SIGTERM in the middle of flows: what was begun is answered, what was not is untouched, no code is half used. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import { type Answer, introspect, request, TestClient, type Tokens, tokensOf } from '../support/client.js';
import { clientRedirect, Person } from '../support/person.js';
import { rawRequest } from '../support/raw.js';
import { startServer, type TestServer } from '../support/server.js';

// It waits for other processes, on machines that may have other things to do.
jest.setTimeout(120_000);

let server: TestServer;
let client: TestClient;
beforeAll(async () => {
  server = await startServer();
  client = await TestClient.register(server);
});
// A test leaves it ended; the store stays.
beforeEach(async () => {
  const { exitCode, signalCode } = server.process();
  if (exitCode !== null || signalCode !== null) await server.restart();
});
afterAll(() => server?.stop());

const INACTIVE = '{"active":false}';
/** The answer, or undefined when the server was gone before it took the request. */
const orGone = (answer: Promise<Answer>): Promise<Answer | undefined> => answer.catch(() => undefined);
const terminated = async (): Promise<number | null> => {
  const exit = once(server.process(), 'exit');
  server.signal('SIGTERM');
  const [code] = await exit;
  return code as number | null;
};

test.each([0, 2, 5, 10])(
  'codes being exchanged %i ms before it are used and answered, or not used at all',
  async (ms) => {
    const person = new Person();
    const codes: { code: string; verifier: string }[] = [];
    for (let n = 0; n < 12; n++) {
      const { url, verifier } = client.authorize();
      const sent = await person.decide(await person.openConsent(url), 'Acme Robotics');
      codes.push({ code: clientRedirect(sent).searchParams.get('code') ?? '', verifier });
    }
    const exchanges = codes.map(({ code, verifier }) => orGone(client.exchange(code, verifier)));
    await sleep(ms);
    const exit = terminated();
    const answers = await Promise.all(exchanges);
    expect(await exit).toBe(0);
    await server.restart();
    for (const [n, answer] of answers.entries()) {
      const { code, verifier } = codes[n] as (typeof codes)[number];
      if (answer) expect((await introspect(server, tokensOf(answer).accessToken)).json.active).toBe(true);
      else expect((await client.exchange(code, verifier)).status).toBe(200);
    }
  },
);

test('refreshes under way leave a token that works', async () => {
  const connections: Tokens[] = [];
  for (let n = 0; n < 6; n++) connections.push(await client.connect());
  const refreshes = connections.map(({ refreshToken }) => orGone(client.refresh(refreshToken)));
  await sleep(3);
  const exit = terminated();
  const answers = await Promise.all(refreshes);
  expect(await exit).toBe(0);
  await server.restart();
  for (const [n, answer] of answers.entries()) {
    const again = await client.refresh(connections[n]?.refreshToken ?? '');
    expect(again.status).toBe(200);
    if (answer) expect(again.text).toBe(answer.text);
    expect((await introspect(server, tokensOf(again).accessToken)).json.active).toBe(true);
  }
});

/** A request whose last bytes are still to come. */
async function halfSent() {
  const body = 'token=x&client_id=demo-mcp-server&client_secret=demo-mcp-server-secret';
  const whole = rawRequest('POST', '/introspect', ['Content-Type: application/x-www-form-urlencoded'], body);
  const socket = connect(server.port, '127.0.0.1');
  let answer = '';
  socket.setEncoding('utf8').on('data', (text: string) => {
    answer += text;
  });
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.write(whole.slice(0, -20));
  await sleep(100);
  return async (): Promise<string> => {
    socket.write(whole.slice(-20));
    await closed;
    return answer;
  };
}

test('a request that was half sent is answered, and nothing new is taken', async () => {
  const finish = await halfSent();
  const exit = terminated();
  await sleep(100);
  await expect(request(`http://localhost:${server.port}/health/ready`)).rejects.toThrow();
  const answer = await finish();
  expect(answer).toMatch(/^HTTP\/1\.1 200/);
  expect(answer).toContain(INACTIVE);
  expect(await exit).toBe(0);
});

test('connections that are idle keep nobody waiting', async () => {
  const idle = connect(server.port, '127.0.0.1');
  idle.on('error', () => undefined);
  await once(idle, 'connect');
  await introspect(server, 'x');
  const startedAt = performance.now();
  expect(await terminated()).toBe(0);
  expect(performance.now() - startedAt).toBeLessThan(3_000);
  idle.destroy();
});

test('a person between two pages goes on after the restart', async () => {
  const person = new Person();
  const { url, verifier } = client.authorize();
  const consent = await person.openConsent(url);
  expect(await terminated()).toBe(0);
  await server.restart();
  const sent = await person.decide(consent, 'Acme Robotics');
  const code = clientRedirect(sent).searchParams.get('code') ?? '';
  expect(await terminated()).toBe(0);
  await server.restart();
  expect((await client.exchange(code, verifier)).status).toBe(200);
});

test('several signals at once are one', async () => {
  const finish = await halfSent();
  const exit = terminated();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) server.signal(signal);
  expect(await finish()).toContain(INACTIVE);
  expect(await exit).toBe(0);
});
