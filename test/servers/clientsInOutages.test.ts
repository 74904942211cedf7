/** Real clients that refresh while servers are restarted and stores are away for seconds: no connection is lost. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { auth as auth2 } from '@modelcontextprotocol/client';
import { auth as auth1 } from '@modelcontextprotocol/sdk/client/auth.js';
import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { type Balancer, startBalancer } from '../support/balancer.js';
import { type ChildServer, freePort } from '../support/childServer.js';
import { introspect, TestClient } from '../support/client.js';
import { longest } from '../support/counts.js';
import { configFor, startDemoServer } from '../support/demoServer.js';
import { DroppingClient } from '../support/droppingClient.js';
import { type Gate, openGate } from '../support/gate.js';
import { connectMcp, MemoryAuth, whoAmI } from '../support/mcpClient.js';
import { connectMcp2, MemoryAuth2 } from '../support/mcpClient2.js';
import { startMcpRemote } from '../support/mcpRemote.js';
import { startServer, type TestServer } from '../support/server.js';
import { describeWith, type Service, startMongod, startRedis } from '../support/services.js';

/** mcp-remote refreshes when a token has 60 seconds left, so 2 seconds after it got one. */
const TTL_S = 62;
const AWAY_MS = 3_000;

(await describeWith('a mongod of its own', 'redis-server'))('Clients that refresh all the time', () => {
  let mongod: Service;
  /** The stand-in for mongod needs longer to start than an election takes, so the way to it is shut instead. */
  let database: Gate;
  let redis: Service;
  let servers: TestServer[] = [];
  let balancer: Balancer;
  let demo: ChildServer;
  let home: string;
  let remote: Client;
  let remoteOpened = 0;
  let first: TestServer;
  const sdk1 = [new MemoryAuth(), new MemoryAuth()];
  const sdk2 = [new MemoryAuth2(), new MemoryAuth2()];
  let dropping: DroppingClient[] = [];
  let resource: string;
  let remoteConnection: string;
  const connections = new Map<object, unknown>();

  const connectionOf = async (token: string | undefined) =>
    (await introspect(first, token ?? '')).json.connection_id ?? 'none';

  beforeAll(async () => {
    [mongod, redis] = await Promise.all([startMongod(), startRedis('--appendonly', 'yes', '--appendfsync', 'always')]);
    database = await openGate(mongod.port);
    const [port, demoPort] = [await freePort(), await freePort()];
    resource = `http://localhost:${demoPort}/mcp`;
    const config = await configFor(resource);
    config.resources = config.resources.map((one) => ({ ...one, accessTokenTtl: TTL_S }));
    const options = {
      production: {
        mongodbUri: `mongodb://127.0.0.1:${database.port}/?directConnection=true`,
        redisUrl: redis.url,
      },
      issuer: `http://localhost:${port}`,
      config,
      env: { SHUTDOWN_DELAY: '1' },
    };
    // One after the other: the first makes the indexes and the demo directory.
    first = await startServer(options);
    servers = [first, await startServer(options)];
    balancer = await startBalancer(port, () => servers.map((server) => server.port));
    demo = await startDemoServer(first.issuer, demoPort);
    home = await mkdtemp(join(tmpdir(), 'mcp-remote-'));
    const registered = await TestClient.register({ ...first, url: (path) => first.issuer + path }, resource);
    const callbackPort = await freePort();
    const connecting = [
      ...sdk1.map(async (auth) => void (await (await connectMcp(resource, auth)).close())),
      ...sdk2.map(async (auth) => void (await (await connectMcp2(resource, auth)).client.close())),
    ];
    await Promise.all(connecting);
    dropping = await Promise.all(
      ['mcp:read', 'mcp:read mcp:write'].map(
        async (scope) => new DroppingClient(registered, await registered.connect({}, { scope }), scope),
      ),
    );
    remote = await startMcpRemote({ resource, home, port: callbackPort, opened: () => (remoteOpened += 1) });
    remoteConnection = (await whoAmI(remote)).connection;
    for (const one of [...sdk1, ...sdk2]) connections.set(one, await connectionOf(one.stored.tokens?.access_token));
    for (const one of dropping) connections.set(one, await connectionOf(await one.accessToken()));
  }, longest);
  afterAll(async () => {
    await remote?.close();
    await demo?.stop();
    await balancer?.stop();
    await Promise.all(servers.map((server) => server.stop()));
    await database?.shut();
    await Promise.all([mongod?.stop(), redis?.stop()]);
    if (home) await rm(home, { recursive: true, force: true });
  });

  /**
   * Lets every client refresh, again and again, while something happens.
   * @returns how many refreshes were made, and how long the longest took, in milliseconds
   */
  const refreshingDuring = async (happening: () => Promise<unknown>): Promise<{ count: number; longestMs: number }> => {
    let stopped = false;
    let count = 0;
    let longestMs = 0;
    const lane = async (refresh: () => Promise<unknown>): Promise<void> => {
      while (!stopped) {
        const startedAt = performance.now();
        expect(await refresh()).toBe('AUTHORIZED');
        longestMs = Math.max(longestMs, performance.now() - startedAt);
        count += 1;
        await sleep(100);
      }
    };
    const lanes = [
      ...sdk1.map((provider) => lane(() => auth1(provider, { serverUrl: resource }))),
      ...sdk2.map((provider) => lane(() => auth2(provider, { serverUrl: resource }))),
      ...dropping.map((one) => lane(async () => ((await one.accessToken()) ? 'AUTHORIZED' : one.dropped))),
    ];
    const settled = Promise.allSettled(lanes);
    try {
      await happening();
    } finally {
      stopped = true;
      await settled;
    }
    await Promise.all(lanes);
    return { count, longestMs };
  };

  /** Each client goes on with the connection that it had, and no browser was opened since. */
  const expectAllConnected = async (): Promise<void> => {
    for (const one of [...sdk1, ...sdk2]) {
      expect(one.opened).toHaveLength(1);
      expect(await connectionOf(one.stored.tokens?.access_token)).toBe(connections.get(one));
    }
    for (const one of dropping) {
      expect(await connectionOf(await one.accessToken())).toBe(connections.get(one));
      expect(one.dropped).toBeUndefined();
    }
    expect((await whoAmI(remote)).connection).toBe(remoteConnection);
    expect(remoteOpened).toBe(1);
  };

  test(
    'go on through a rolling restart of both servers',
    async () => {
      const { count } = await refreshingDuring(async () => {
        for (const server of servers) {
          await server.restart();
          await whoAmI(remote);
        }
      });
      expect(count).toBeGreaterThan(50);
      await expectAllConnected();
    },
    longest,
  );

  test.each([
    ['MongoDB is away, as during an election', () => database.shut(), () => database.open()],
    ['Redis is away, as during a failover', () => redis.kill(), () => redis.restart()],
  ])(
    'wait while %s, and go on',
    async (_what, goes, comesBack) => {
      // Its token has less than 60 seconds left then, so that it refreshes before its next request.
      await sleep((TTL_S - 60) * 1_000);
      const { longestMs } = await refreshingDuring(async () => {
        const live = String(sdk1[0]?.stored.tokens?.access_token);
        await goes();
        const startedAt = performance.now();
        // The MCP server may still be told to come later when the token request has been answered.
        const remoteMs = whoAmI(remote).then(
          () => performance.now() - startedAt,
          () => performance.now() - startedAt,
        );
        // Introspection says that it cannot know, and does not wait.
        expect((await introspect(first, live)).status).toBe(503);
        expect(performance.now() - startedAt).toBeLessThan(3_500);
        await sleep(AWAY_MS);
        await comesBack();
        expect(await remoteMs).toBeGreaterThan(AWAY_MS);
        await sleep(500);
      });
      expect(longestMs).toBeGreaterThan(AWAY_MS);
      await expectAllConnected();
    },
    longest,
  );
});
