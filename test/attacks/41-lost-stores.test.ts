/** A store that is away or full: no guess, no harm, and back by itself. */
import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { signedInPerson } from '../support/audit.js';
import { type Answer, form, introspect, request, TestClient, tokensOf } from '../support/client.js';
import { registerWith } from '../support/clientRow.js';
import { configFor } from '../support/demoServer.js';
import { directory } from '../support/directory.js';
import { clientRedirect, Person } from '../support/person.js';
import { startServer, type TestServer } from '../support/server.js';
import { describeWith, type Service, startMongod, startRedis } from '../support/services.js';

const BACK_WITHIN_MS = 5_000;

const isLater = ({ status, headers, text }: Answer): void => {
  expect(`${status} ${headers.get('retry-after')} ${headers.get('cache-control')}`).toBe('503 5 no-store');
  expect(text).not.toContain('active');
};
const ready = async (server: TestServer): Promise<number> =>
  (await request(`http://localhost:${server.port}/health/ready`)).status;
const isBack = async (server: TestServer): Promise<void> => {
  const deadline = performance.now() + BACK_WITHIN_MS;
  while ((await ready(server)) !== 200 && performance.now() < deadline) await sleep(50);
  expect(await ready(server)).toBe(200);
};

describe('A full disk below the embedded store', () => {
  /** As with a full disk, no file can grow beyond this many bytes, until the limit is lifted. */
  const DISK = 1_500_000;
  let server: TestServer;
  let client: TestClient;
  beforeAll(async () => {
    const many = { events: 100_000, seconds: 60 };
    const rates = { registrationPerAddress: many, registrationInAll: many };
    const config = { ...(await configFor('http://localhost:3001/mcp')), limits: { rates } };
    server = await startServer({ config, under: ['prlimit', `--fsize=${DISK}:unlimited`] });
    client = await TestClient.register(server);
  });
  afterAll(() => server?.stop());

  test('refuses writes with 503, goes on introspecting, keeps what was answered, and is back when there is room', async () => {
    const { accessToken, refreshToken } = await client.connect();
    const person = await signedInPerson(server);
    const large = JSON.stringify({
      redirect_uris: Array.from({ length: 10 }, (_, n) => `https://client.example.com/${n}/${'x'.repeat(1_500)}`),
    });
    const kept: string[] = [];
    let refused = 0;
    // One that needs more new pages than the next can be refused before it: LMDB takes pages anew that no reader sees.
    for (let n = 0; n < 500 && refused < 3; n++) {
      const answer = await registerWith(server, large);
      if (answer.status === 201) kept.push(String(answer.json.client_id));
      else {
        isLater(answer);
        refused += 1;
      }
    }
    expect(refused).toBe(3);
    expect(kept.length).toBeGreaterThan(10);
    for (let n = 0; n < 3; n++) expect((await introspect(server, accessToken)).json.active).toBe(true);
    expect((await person.open(server.url('/account/connections'))).status).toBe(200);
    // Every small write that still fits is a real one; none is half done.
    const refreshed = await client.refresh(refreshToken);
    expect([200, 503]).toContain(refreshed.status);

    execFileSync('prlimit', ['--pid', String(server.process().pid), '--fsize=unlimited:unlimited']);
    expect((await registerWith(server, large)).status).toBe(201);
    await isBack(server);
    const after = await client.refresh(refreshToken);
    expect(after.status).toBe(200);
    if (refreshed.status === 200) expect(after.text).toBe(refreshed.text);
    await server.kill();
    await server.restart();
    for (const client_id of kept) {
      const page = await new Person().open(client.authorize({ client_id }).url);
      expect(page.html.textContent).toContain('has not registered');
    }
    expect((await introspect(server, tokensOf(after).accessToken)).json.active).toBe(true);
  }, 60_000);
});

const describeWithServices = await describeWith('a mongod of its own', 'redis-server');

describeWithServices('A lost', () => {
  let mongod: Service;
  let redis: Service;
  let server: TestServer;
  let client: TestClient;
  beforeAll(async () => {
    [mongod, redis] = await Promise.all([startMongod(), startRedis()]);
    server = await startServer({ production: { mongodbUri: mongod.url, redisUrl: redis.url } });
    client = await TestClient.register(server);
  }, 60_000);
  afterAll(async () => {
    await server?.stop();
    await Promise.all([mongod?.stop(), redis?.stop()]);
  });

  test('Redis: 503 wherever it cannot know, nothing used up, removals hold, and one refresh brings a client back', async () => {
    const { accessToken, refreshToken } = await client.connect();
    const removed = await client.connect({ email: 'grace@example.com' });
    const asking = new Person();
    const consent = await asking.openConsent(client.authorize().url);
    await redis.kill();
    isLater(await introspect(server, accessToken));
    expect(await ready(server)).toBe(503);
    const bearer = { authorization: `Bearer ${accessToken}` };
    expect((await request(server.url('/userinfo'), { headers: bearer })).status).toBe(503);
    expect((await asking.decide(consent, 'Acme Robotics')).status).toBe(503);
    expect((await asking.open(consent.url)).status).toBe(503);
    expect((await asking.open(client.authorize().url)).status).toBe(503);
    // A code that cannot be looked up is not a wrong one.
    for (const answer of await Promise.all([client.refresh(refreshToken), client.exchange('x', 'v'.repeat(43))]))
      isLater(answer);
    expect(await directory(server, 'connections', 'remove', '--account', 'grace@example.com')).toContain('Removed 1');
    await redis.restart();
    await isBack(server);
    expect((await introspect(server, accessToken)).text).toBe('{"active":false}');
    const tokens = tokensOf(await client.refresh(refreshToken));
    expect((await introspect(server, tokens.accessToken)).json.active).toBe(true);
    expect((await client.refresh(removed.refreshToken)).json.error).toBe('invalid_grant');
  }, 60_000);

  test('MongoDB: 503 for everything that depends on it, nothing used up, and all as before when it is back', async () => {
    const { accessToken, refreshToken } = await client.connect();
    const { code, verifier } = await client.code();
    await mongod.kill();
    for (let n = 0; n < 2; n += 1) isLater(await introspect(server, accessToken));
    expect(await ready(server)).toBe(503);
    const startedAt = performance.now();
    const took = async (answer: Promise<Answer>): Promise<number> => {
      isLater(await answer);
      return performance.now() - startedAt;
    };
    const many = Array.from({ length: 300 }, () => took(client.refresh('unknown')));
    const times = await Promise.all([
      took(client.refresh(refreshToken)),
      took(client.exchange(code, verifier)),
      ...many,
    ]);
    // Of one address so many wait; the others are answered when the database has not answered them, after two seconds.
    expect(times.filter((ms) => ms > 7_500)).toHaveLength(125);
    expect(Math.max(...times)).toBeLessThan(13_000);
    const revoked = await request(server.url('/revoke'), {
      method: 'POST',
      body: form({ token: accessToken, client_id: client.clientId }),
    });
    // A revocation that was not made must not be answered as if it was.
    expect(revoked.status).toBe(503);
    await mongod.restart();
    await isBack(server);
    expect((await introspect(server, accessToken)).json.active).toBe(true);
    expect((await client.refresh(refreshToken)).status).toBe(200);
    expect([200, 400]).toContain((await client.exchange(code, verifier)).status);
  }, 60_000);

  test('store does not end the process: it is alive throughout', async () => {
    await redis.kill();
    expect((await request(`http://localhost:${server.port}/health/alive`)).status).toBe(200);
    await redis.restart();
    await isBack(server);
    const person = new Person();
    const sent = await person.decide(await person.openConsent(client.authorize().url), 'Acme Robotics');
    expect(clientRedirect(sent).searchParams.get('code')).toBeTruthy();
  }, 60_000);
});
