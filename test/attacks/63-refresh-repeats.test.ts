/** A stolen refresh token repeated within the replay window: it gets what its client got, and does not go unseen. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { MongoClient } from 'mongodb';
import { auditLog, signedInPerson } from '../support/audit.js';
import { freePort } from '../support/childServer.js';
import { type Answer, form, introspect, request, TestClient, tokensOf } from '../support/client.js';
import { directory } from '../support/directory.js';
import { logged } from '../support/logged.js';
import { describeOnEachStore } from '../support/onEachStore.js';
import { type ProductionServers, startProductionServers } from '../support/productionServers.js';
import type { TestServer } from '../support/server.js';
import { describeWith } from '../support/services.js';

const CLIENT_AT = '192.0.2.1';
const THIEF_AT = '198.51.100.7';
const ACTION = 'connection.refresh-token-repeated';

await describeOnEachStore((stores) => {
  let server: TestServer;
  let client: TestClient;
  let metricsPort: number;
  beforeAll(async () => {
    metricsPort = await freePort();
    const env = { TRUST_PROXY: '1', METRICS_PORT: String(metricsPort), LOG_LEVEL: 'info' };
    server = await stores.start({ env });
    client = await TestClient.register(server);
  });
  afterAll(() => server?.stop());

  const refreshFrom = (ip: string, refreshToken: string): Promise<Answer> =>
    request(server.url('/token'), {
      method: 'POST',
      headers: { 'x-forwarded-for': ip },
      body: form({ grant_type: 'refresh_token', client_id: client.clientId, refresh_token: refreshToken }),
    });
  const connected = async () => {
    const { accessToken, refreshToken } = await client.connect();
    const { connection_id: connectionId } = (await introspect(server, accessToken)).json;
    return { connectionId, refreshToken };
  };
  const repeatsOf = async (connectionId: unknown) => {
    const events = await auditLog(server, await signedInPerson(server), 'Acme Robotics');
    return events.filter((event) => event.action === ACTION && event.connectionId === connectionId);
  };
  const counted = async (address: 'same' | 'other'): Promise<number> => {
    const { text } = await request(`http://127.0.0.1:${metricsPort}/metrics`);
    return Number(new RegExp(`^mcp_auth_refresh_repeats_total\\{address="${address}"\\} (\\d+)$`, 'm').exec(text)?.[1]);
  };

  test('a repeat from another address is counted, logged, and in the audit log with both addresses', async () => {
    const { connectionId, refreshToken } = await connected();
    const before = await counted('other');
    const first = await refreshFrom(CLIENT_AT, refreshToken);
    const repeated = await refreshFrom(THIEF_AT, refreshToken);
    expect(`${repeated.status} ${repeated.text}`).toBe(`200 ${first.text}`);

    expect(await repeatsOf(connectionId)).toEqual([
      expect.objectContaining({
        actor: { kind: 'client', clientId: client.clientId, ip: THIEF_AT },
        details: expect.objectContaining({ firstUsedFrom: CLIENT_AT }),
      }),
    ]);
    expect(await counted('other')).toBe(before + 1);
    const line = await logged(server, 'repeated within the replay window');
    expect(JSON.parse(line)).toMatchObject({
      connectionId,
      clientId: client.clientId,
      firstUsedFrom: CLIENT_AT,
      repeatedFrom: THIEF_AT,
    });
    for (const secret of [refreshToken, tokensOf(first).refreshToken, tokensOf(first).accessToken])
      expect(server.output()).not.toContain(secret);
  });

  test('many repeats at once are one event for each address, and all get the same response', async () => {
    const { connectionId, refreshToken } = await connected();
    const first = await refreshFrom(CLIENT_AT, refreshToken);
    const from = (n: number): string => (n % 2 === 0 ? THIEF_AT : '203.0.113.9');
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => refreshFrom(from(n), refreshToken)));
    expect(new Set(answers.map(({ text }) => text))).toEqual(new Set([first.text]));
    const repeats = await repeatsOf(connectionId);
    expect(repeats.map(({ actor }) => actor.ip).sort()).toEqual([THIEF_AT, '203.0.113.9']);
  });

  test('repeats from ever other addresses are some events, not one for each', async () => {
    const { connectionId, refreshToken } = await connected();
    await refreshFrom(CLIENT_AT, refreshToken);
    for (let n = 0; n < 20; n++) expect((await refreshFrom(`203.0.113.${n}`, refreshToken)).status).toBe(200);
    expect(await repeatsOf(connectionId)).toHaveLength(8);
  });

  test('a client that repeats every token from its own address is in the audit log once an hour', async () => {
    const { connectionId, refreshToken } = await connected();
    const before = await counted('same');
    let token = refreshToken;
    for (let n = 0; n < 5; n++) {
      const answers = await Promise.all(Array.from({ length: 3 }, () => refreshFrom(CLIENT_AT, token)));
      expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
      token = tokensOf(answers[0] as Answer).refreshToken;
    }
    expect(await repeatsOf(connectionId)).toEqual([
      expect.objectContaining({
        actor: expect.objectContaining({ ip: CLIENT_AT }),
        details: expect.objectContaining({ firstUsedFrom: CLIENT_AT }),
      }),
    ]);
    expect(await counted('same')).toBe(before + 10);
  });

  test('a repeat that is refused is no repeat: while MCP access is off, nothing is written', async () => {
    const { connectionId, refreshToken } = await connected();
    await refreshFrom(CLIENT_AT, refreshToken);
    await directory(server, 'mcp-access', 'off', 'Acme Robotics');
    const refused = await refreshFrom(THIEF_AT, refreshToken);
    await directory(server, 'mcp-access', 'on', 'Acme Robotics');
    expect(`${refused.status} ${refused.json.error}`).toBe('403 access_denied');
    expect(await repeatsOf(connectionId)).toEqual([]);
  });

  test('the account admin reads both addresses on the page', async () => {
    const { refreshToken } = await connected();
    await refreshFrom('192.0.2.200', refreshToken);
    await refreshFrom('198.51.100.200', refreshToken);
    const ada = await signedInPerson(server);
    const page = await ada.open(server.url('/account/connections'));
    const id = page.html
      .querySelectorAll('button[name=organization_id]')
      .find(({ textContent }) => textContent.includes('Acme Robotics'))
      ?.getAttribute('value');
    const log = await ada.open(server.url(`/organizations/${id}/audit?action=${ACTION}`));
    const row = log.html.querySelectorAll('tbody tr').find(({ textContent }) => textContent.includes('198.51.100.200'));
    expect(row?.textContent).toContain('first used from 192.0.2.200');
  });
});

(await describeWith('a mongod of its own', 'redis-server'))('While Redis is away', () => {
  let servers: ProductionServers;
  beforeAll(async () => {
    servers = await startProductionServers({ env: { TRUST_PROXY: '1' } });
  });
  afterAll(() => servers?.stop());

  test('a repeat gets its answer all the same, and one from another address is in the audit log', async () => {
    const client = await TestClient.register(servers.a);
    const { refreshToken } = await client.connect();
    const first = await client.refresh(refreshToken);
    await servers.redis.kill();
    const repeat = (ip: string): Promise<Answer> =>
      request(servers.b.url('/token'), {
        method: 'POST',
        headers: { 'x-forwarded-for': ip },
        body: form({ grant_type: 'refresh_token', client_id: client.clientId, refresh_token: refreshToken }),
      });
    for (const ip of ['127.0.0.1', THIEF_AT]) {
      const { status, text } = await repeat(ip);
      expect(`${status} ${text}`).toBe(`200 ${first.text}`);
    }
    const mongo = new MongoClient(servers.mongod.url, { directConnection: true });
    try {
      const name = new URL(servers.b.env.MONGODB_URI ?? '').pathname.slice(1) || 'mcp_authorization';
      const events = await mongo.db(name).collection('auditEvents').find().toArray();
      const repeats = events.map(({ record }) => String(record)).filter((record) => record.includes(ACTION));
      expect(repeats).toHaveLength(1);
      expect(repeats[0]).toContain(THIEF_AT);
    } finally {
      await mongo.close();
    }
  });
});
