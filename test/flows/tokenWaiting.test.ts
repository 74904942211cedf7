/** Token requests wait for a store that is away, and for a limit that ends soon; nothing is done twice because of that. */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { auditLog, signedInPerson } from '../support/audit.js';
import { freePort } from '../support/childServer.js';
import { basic, form, introspect, request, TestClient, tokensOf } from '../support/client.js';
import { registerWith } from '../support/clientRow.js';
import { awayAt, CRASH, unansweredAt, writesOf } from '../support/crashing.js';
import { configFor } from '../support/demoServer.js';
import { describeOnEachStore, type StoresUnderTest } from '../support/onEachStore.js';
import { Person } from '../support/person.js';
import { startServer, type TestServer } from '../support/server.js';

const RESOURCE = 'http://localhost:3001/mcp';
const config = async (limits: object) => ({ ...(await configFor(RESOURCE)), limits });

/** @param window for which a repeat gets the same answer, in seconds */
const describeStoreAway = (stores: Pick<StoresUnderTest, 'start'>, window: number): void => {
  describe(`A store that goes away during a request, with a replay window of ${window} s`, () => {
    let server: TestServer;
    let client: TestClient;
    const person = new Person();
    beforeAll(async () => {
      const options = { preload: [CRASH], config: await config({ refreshReplayWindow: window }) };
      server = await stores.start(options);
      client = await TestClient.register(server);
      await client.connect();
    });
    afterAll(() => server?.stop());

    const actions = async () =>
      (await auditLog(server, await signedInPerson(server), 'Acme Robotics')).map((e) => e.action);

    test.each([
      ['does not make', awayAt],
      ['makes without saying so', unansweredAt],
    ])('a refresh of which it %s any one write is answered, once', async (_what, fail) => {
      let { refreshToken } = await client.connect();
      let writes = 0;
      writes = await writesOf(server, async () => {
        refreshToken = tokensOf(await client.refresh(refreshToken)).refreshToken;
      });
      const before = await actions();
      for (let write = 1; write <= writes; write += 1) {
        await fail(server, write);
        const answer = await client.refresh(refreshToken);
        expect(`${answer.status} ${answer.text}`).toMatch(/^200 /);
        const tokens = tokensOf(answer);
        expect((await introspect(server, tokens.accessToken)).json.active).toBe(true);
        refreshToken = tokens.refreshToken;
      }
      expect((await client.refresh(refreshToken)).status).toBe(200);
      // Neither a repeat nor a reuse: it was the same request.
      expect(await actions()).toEqual(before);
    });

    test.each([
      ['does not make', awayAt],
      ['makes without saying so', unansweredAt],
    ])('a code exchange of which it %s any one write is answered, once', async (_what, fail) => {
      const first = await client.codeFor(person);
      const writes = await writesOf(server, () => client.exchange(first.code, first.verifier));
      for (let write = 1; write <= writes; write += 1) {
        const { code, verifier } = await client.codeFor(person);
        await fail(server, write);
        const answer = await client.exchange(code, verifier);
        expect(`${answer.status} ${answer.text}`).toMatch(/^200 /);
        const tokens = tokensOf(answer);
        expect((await introspect(server, tokens.accessToken)).json.active).toBe(true);
        expect((await client.refresh(tokens.refreshToken)).status).toBe(200);
        // And still only once: whoever comes with the code again ends the connection (RFC 6749 §4.1.2).
        expect((await client.exchange(code, verifier)).json.error).toBe('invalid_grant');
        expect((await introspect(server, tokens.accessToken)).text).toBe('{"active":false}');
      }
    });

    test('a code exchange of a client that may not refresh is answered once as well', async () => {
      const registration = { redirect_uris: ['http://127.0.0.1:8765/callback'], grant_types: ['authorization_code'] };
      const { json } = await registerWith(server, JSON.stringify(registration));
      const exchanging = TestClient.known(server, String(json.client_id));
      // The first exchange also writes that the client is in use.
      const [first, second, third] = [
        await exchanging.codeFor(person),
        await exchanging.codeFor(person),
        await exchanging.codeFor(person),
      ];
      await exchanging.exchange(first.code, first.verifier);
      const writes = await writesOf(server, () => exchanging.exchange(second.code, second.verifier));
      const { code, verifier } = third;
      await unansweredAt(server, writes);
      const answer = await exchanging.exchange(code, verifier);
      expect(answer.status).toBe(200);
      expect(answer.json).not.toHaveProperty('refresh_token');
      expect((await introspect(server, String(answer.json.access_token))).json.active).toBe(true);
    });
  });
};
describeStoreAway({ start: startServer }, 30);
await describeOnEachStore((stores) => describeStoreAway(stores, 0));

describe('A limit that clients meet which do nothing wrong', () => {
  const WINDOW_S = 3;
  let server: TestServer;
  let client: TestClient;
  let metricsPort: number;
  beforeAll(async () => {
    metricsPort = await freePort();
    const rates = {
      tokenPerClientAndAddress: { events: 4, seconds: WINDOW_S },
      refreshPerConnection: { events: 2, seconds: WINDOW_S },
      refreshPerAccount: { events: 3, seconds: 600 },
      clientFailuresPerClientAndAddress: { events: 2, seconds: WINDOW_S },
    };
    server = await startServer({ config: await config({ rates }), env: { METRICS_PORT: String(metricsPort) } });
    client = await TestClient.register(server);
  });
  afterAll(() => server?.stop());

  const waiting = async (): Promise<number> => {
    const { text } = await request(`http://127.0.0.1:${metricsPort}/metrics`);
    return Number(/^mcp_auth_token_requests_waiting\{for="limit"\} (\d+)$/m.exec(text)?.[1]);
  };
  const timed = async <T>(work: () => Promise<T>): Promise<readonly [T, number]> => {
    const startedAt = performance.now();
    return [await work(), performance.now() - startedAt];
  };
  /** Uses up what a client may ask for at this moment, from the beginning of a window. */
  const useUp = async (of: TestClient): Promise<void> => {
    for (let n = 0; n < 4; n += 1) await of.refresh('unknown');
  };

  test('a token request waits for it, and is then answered', async () => {
    await useUp(client);
    const [answer, ms] = await timed(() => client.refresh('unknown'));
    expect(answer.json.error).toBe('invalid_grant');
    expect(ms).toBeGreaterThan(1_000);
    expect(ms).toBeLessThan((WINDOW_S + 2) * 1_000);
  });

  test('a refresh waits for that of its connection and uses one token up; one that lasts longer is answered at once', async () => {
    const own = await TestClient.register(server);
    let { refreshToken } = await own.connect();
    for (let n = 0; n < 2; n += 1) refreshToken = tokensOf(await own.refresh(refreshToken)).refreshToken;
    const [answer, ms] = await timed(() => own.refresh(refreshToken));
    expect(answer.status).toBe(200);
    expect(ms).toBeGreaterThan(1_000);
    expect((await introspect(server, tokensOf(answer).accessToken)).json.active).toBe(true);
    const [refused, refusedMs] = await timed(() => own.refresh(tokensOf(answer).refreshToken));
    expect(refused.status).toBe(429);
    expect(refusedMs).toBeLessThan(1_000);
  });

  test('a client that goes away waits no longer', async () => {
    const leaving = await TestClient.register(server);
    await useUp(leaving);
    const left = new AbortController();
    const body = form({ grant_type: 'refresh_token', refresh_token: 'unknown', client_id: leaving.clientId });
    const asked = request(server.url('/token'), { method: 'POST', body, signal: left.signal }).catch(() => 'gone');
    await sleep(200);
    expect(await waiting()).toBe(1);
    left.abort();
    expect(await asked).toBe('gone');
    await sleep(100);
    expect(await waiting()).toBe(0);
  });

  test('wrong secrets are refused at once', async () => {
    const registration = { redirect_uris: ['https://client.example.com/callback'] };
    const { json } = await registerWith(server, JSON.stringify(registration));
    const headers = basic(String(json.client_id), 'wrong');
    const guess = () =>
      request(server.url('/token'), { method: 'POST', headers, body: form({ grant_type: 'refresh_token' }) });
    for (let n = 0; n < 2; n += 1) expect((await guess()).status).toBe(401);
    const [answer, ms] = await timed(guess);
    expect(answer.status).toBe(429);
    expect(ms).toBeLessThan(1_000);
  });

  test('a server that stops answers what waits, and then ends', async () => {
    await useUp(client);
    const asked = client.refresh('unknown');
    await sleep(100);
    const exited = once(server.process(), 'exit');
    server.signal('SIGTERM');
    expect([400, 429]).toContain((await asked).status);
    expect((await exited)[0]).toBe(0);
  });
});
