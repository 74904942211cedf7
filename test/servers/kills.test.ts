/** kill -9 in the middle of writes: nothing that was acknowledged is lost. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { TestClient } from '../support/client.js';
import { counts, longest } from '../support/counts.js';
import { configFor } from '../support/demoServer.js';
import { directory } from '../support/directory.js';
import { type ProductionServers, startProductionServers } from '../support/productionServers.js';
import { startServer, type TestServer } from '../support/server.js';
import { describeWith } from '../support/services.js';
import { Workload } from '../support/workload.js';

/** One person consents more often here than people do. */
const unlimited = async () => {
  const often = { events: 1_000_000, seconds: 3_600 };
  const rates = {
    authorizationPerAddress: often,
    changePerAccount: often,
    consentPerAccount: often,
    refreshPerAccount: often,
    refreshPerConnection: often,
    signInPerAccount: often,
    signInPerAddress: often,
  };
  return { ...(await configFor('http://localhost:3001/mcp')), limits: { rates } };
};

interface Mortal {
  kill(): Promise<void>;
  restart(): Promise<void>;
}

/** However slow the machine is, there is something that a kill could lose. */
async function somethingAcknowledged(work: Workload): Promise<void> {
  const [connected, removed] = [work.connected.length, work.removed.length];
  while (work.connected.length === connected || work.removed.length === removed) await sleep(50);
}

/** Works while something is killed and started again, and checks all that was acknowledged. */
async function survives(victim: Mortal, clients: readonly TestClient[], serversMayDie: boolean): Promise<void> {
  const work = new Workload(clients, serversMayDie);
  await work.during(async () => {
    for (let kill = 0; kill < counts.kills; kill += 1) {
      await somethingAcknowledged(work);
      await sleep(Math.random() * 300);
      await victim.kill();
      await victim.restart();
    }
    await somethingAcknowledged(work);
  });
  expect(work.wrong).toEqual([]);
  expect(work.connected.length).toBeGreaterThan(0);
  expect(work.removed.length).toBeGreaterThan(0);
  await work.expectAllHeld();
  const [first] = clients;
  if (first) await directory(first.server, 'mcp-access', 'on', 'Beacon Labs');
}

describe('a server on the embedded store', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ config: await unlimited() });
  });
  afterAll(() => server?.stop());

  test(
    `loses nothing that it acknowledged when it is killed ${counts.kills} times`,
    async () => survives(server, [await TestClient.register(server)], true),
    longest,
  );
});

const describeWithServices = await describeWith('a mongod of its own', 'redis-server');

describeWithServices('two servers on MongoDB and Redis', () => {
  let servers: ProductionServers;
  let clients: TestClient[];
  beforeAll(async () => {
    servers = await startProductionServers({ config: await unlimited() });
    const client = await TestClient.register(servers.a);
    clients = [client, client.at(servers.b)];
  }, longest);
  afterAll(() => servers?.stop(), longest);

  test(
    `lose nothing that either acknowledged when one is killed ${counts.kills} times`,
    () => survives(servers.b, clients, true),
    longest,
  );

  test(
    `lose nothing that they acknowledged when MongoDB is killed ${counts.kills} times`,
    () => survives(servers.mongod, clients, false),
    longest,
  );
});
