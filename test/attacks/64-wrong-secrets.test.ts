/** Secrets of resource servers and clients are tried out: limited by client and address, logged, and never in the way of the right one. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ADMIN_CLIENTS } from '../support/adminClient.js';
import { freePort } from '../support/childServer.js';
import { type Answer, basic, form, request } from '../support/client.js';
import { configFor } from '../support/demoServer.js';
import { logged } from '../support/logged.js';
import { describeOnEachStore } from '../support/onEachStore.js';
import type { TestServer } from '../support/server.js';

const OF_ONE_CLIENT = 4;
const OF_ALL_CLIENTS = 10;
const WINDOW_S = 600;
const WRONG = 'a-wrong-secret-of-32-characters-or-more';

await describeOnEachStore((stores) => {
  let server: TestServer;
  let metricsPort: number;
  let registered: { id: string; secret: string };
  beforeAll(async () => {
    metricsPort = await freePort();
    const demo = await configFor('http://localhost:3001/mcp');
    const rate = (events: number) => ({ events, seconds: WINDOW_S });
    const config = {
      ...demo,
      adminClients: ADMIN_CLIENTS,
      limits: {
        rates: {
          clientFailuresPerClientAndAddress: rate(OF_ONE_CLIENT),
          clientFailuresPerAddress: rate(OF_ALL_CLIENTS),
          adminFailuresPerAddress: rate(OF_ONE_CLIENT),
        },
      },
    };
    server = await stores.start({ config, env: { TRUST_PROXY: '1', METRICS_PORT: String(metricsPort) } });
    const { json } = await request(server.url('/register'), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        client_name: 'Confidential',
        redirect_uris: ['https://client.example.com/callback'],
        token_endpoint_auth_method: 'client_secret_basic',
      }),
    });
    registered = { id: String(json.client_id), secret: String(json.client_secret) };
  });
  afterAll(() => server?.stop());

  let addresses = 0;
  const newAddress = (): string => `192.0.2.${++addresses}`;
  const post = (path: string, ip: string, headers: Record<string, string>, body: Record<string, string>) =>
    request(server.url(path), { method: 'POST', headers: { 'x-forwarded-for': ip, ...headers }, body: form(body) });
  const introspect = (ip: string, secret: string, id = 'demo-mcp-server'): Promise<Answer> =>
    post('/introspect', ip, basic(id, secret), { token: 'unknown' });
  const refresh = { grant_type: 'refresh_token', refresh_token: 'unknown' };
  const isRefused = (answer: Answer): void => {
    expect(`${answer.status} ${answer.json.error}`).toBe('429 temporarily_unavailable');
    const wait = Number(answer.headers.get('retry-after'));
    expect(wait).toBeGreaterThan(0);
    expect(wait).toBeLessThanOrEqual(WINDOW_S);
  };

  interface Place {
    readonly name: string;
    readonly right: () => string;
    /** Of an answer to the right secret. */
    readonly status: number;
    ask(ip: string, secret: string): Promise<Answer>;
  }
  const RIGHT = 'demo-mcp-server-secret';
  const places: Place[] = [
    { name: '/introspect, in the header', right: () => RIGHT, status: 200, ask: introspect },
    {
      name: '/introspect, in the form',
      right: () => RIGHT,
      status: 200,
      ask: (ip, secret) =>
        post('/introspect', ip, {}, { client_id: 'demo-mcp-server', client_secret: secret, token: 'unknown' }),
    },
    {
      name: '/token',
      right: () => registered.secret,
      status: 400,
      ask: (ip, secret) => post('/token', ip, basic(registered.id, secret), refresh),
    },
    {
      name: '/revoke',
      right: () => registered.secret,
      status: 200,
      ask: (ip, secret) => post('/revoke', ip, basic(registered.id, secret), { token: 'unknown' }),
    },
    {
      name: '/token, as an admin client',
      right: () => ADMIN_CLIENTS[0]?.clientSecrets[0] ?? '',
      status: 200,
      ask: (ip, secret) =>
        post('/token', ip, basic(ADMIN_CLIENTS[0]?.clientId ?? '', secret), { grant_type: 'client_credentials' }),
    },
  ];

  describe.each(places)('$name', ({ right, status, ask }) => {
    test('wrong ones are 401, then 429, and the right one gets in all the while', async () => {
      const address = newAddress();
      for (let n = 0; n < OF_ONE_CLIENT; n++) {
        const wrong = await ask(address, WRONG);
        expect(`${wrong.status} ${wrong.json.error}`).toBe('401 invalid_client');
      }
      isRefused(await ask(address, WRONG));
      for (let n = 0; n < 2 * OF_ALL_CLIENTS; n++) expect((await ask(address, right())).status).toBe(status);
      expect((await ask(newAddress(), WRONG)).status).toBe(401);
    });

    test('many at once count one by one', async () => {
      const address = newAddress();
      const answers = await Promise.all(Array.from({ length: 12 }, () => ask(address, WRONG)));
      expect(answers.filter((answer) => answer.status === 401)).toHaveLength(OF_ONE_CLIENT);
      expect(answers.filter((answer) => answer.status === 429)).toHaveLength(12 - OF_ONE_CLIENT);
    });
  });

  test('an IPv6 /48 has sixteen times as much, however many networks are in it', async () => {
    const statuses: number[] = [];
    for (let n = 0; n < 16 * OF_ONE_CLIENT + 20; n++)
      statuses.push((await introspect(`2001:db8:64:${(n * 256).toString(16)}::1`, WRONG)).status);
    expect(statuses.filter((status) => status === 401)).toHaveLength(16 * OF_ONE_CLIENT);
  });

  test('ids that are made up count all together, so that they do not leave a record each', async () => {
    const address = newAddress();
    const statuses: number[] = [];
    for (let n = 0; n < OF_ALL_CLIENTS + 5; n++)
      statuses.push((await introspect(address, WRONG, `made-up-${n}`)).status);
    expect(statuses.filter((status) => status === 401)).toHaveLength(OF_ALL_CLIENTS);
    expect((await introspect(address, RIGHT)).status).toBe(200);
  });

  test('without a secret nothing is tried, so nothing counts: a client that is unknown must learn so', async () => {
    const address = newAddress();
    for (let n = 0; n < OF_ALL_CLIENTS + 5; n++) {
      expect((await post('/introspect', address, {}, { token: 'unknown' })).status).toBe(401);
      expect((await post('/token', address, {}, { ...refresh, client_id: 'forgotten' })).status).toBe(401);
    }
  });

  test('they are counted by route and in the log once a minute for each client, without the secret', async () => {
    await server.advance(61_000);
    const before = server.output().split('\n').length;
    const address = newAddress();
    for (let n = 0; n < 3; n++) {
      await introspect(address, WRONG);
      await introspect(address, WRONG, 'made-up');
      await post('/token', address, basic(registered.id, WRONG), refresh);
    }
    const lines = () =>
      server
        .output()
        .split('\n')
        .slice(before - 1)
        .filter((line) => line.includes('wrong secret'))
        .map((line) => JSON.parse(line) as Record<string, unknown>);
    // What is written comes in order, so all before it has arrived as well.
    await server.advance(61_000);
    await post('/revoke', '192.0.2.250', basic(registered.id, WRONG), { token: 'unknown' });
    await logged(server, '192.0.2.250');
    expect(lines().map(({ clientId, ip }) => [clientId, ip])).toEqual([
      ['demo-mcp-server', address],
      [undefined, address],
      [registered.id, address],
      [registered.id, '192.0.2.250'],
    ]);
    expect(server.output()).not.toContain(WRONG);
    expect(server.output()).not.toContain('made-up');

    const { text } = await request(`http://127.0.0.1:${metricsPort}/metrics`);
    for (const route of ['/introspect', '/token', '/revoke'])
      expect(text).toMatch(
        new RegExp(`^mcp_auth_refusals_total\\{route="${route}",reason="wrong-secret"\\} [1-9]`, 'm'),
      );
    expect(text).toMatch(/route="\/introspect",reason="limit-clientFailuresPerClientAndAddress"/);
  });
});
