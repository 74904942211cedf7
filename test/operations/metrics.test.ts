/** Metrics: what they count, that no request can make another series of its own, and that they have a port of their own. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { freePort } from '../support/childServer.js';
import { basic, form, introspect, request, TestClient } from '../support/client.js';
import { Person } from '../support/person.js';
import { startServer, type TestServer } from '../support/server.js';

let server: TestServer;
let metricsPort: number;
let client: TestClient;
beforeAll(async () => {
  metricsPort = await freePort();
  server = await startServer({ env: { METRICS_PORT: String(metricsPort) }, issuerPath: '/oauth' });
  client = await TestClient.register(server);
});
afterAll(() => server?.stop());

/** Every series with its value. */
const scrape = async (): Promise<Map<string, number>> => {
  const { status, headers, text } = await request(`http://127.0.0.1:${metricsPort}/metrics`);
  expect(status).toBe(200);
  expect(headers.get('content-type')).toContain('text/plain');
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]));
};
/** By how much each series grew while something was done. */
const growth = async (act: () => Promise<unknown>): Promise<(series: string) => number> => {
  const before = await scrape();
  await act();
  const after = await scrape();
  return (series) => (after.get(series) ?? 0) - (before.get(series) ?? 0);
};
const introspections = (result: string) => `mcp_auth_introspections_total{result="${result}"}`;
const requests = (route: string, outcome: string) => `mcp_auth_requests_total{route="${route}",outcome="${outcome}"}`;
const refusals = (route: string, reason: string) => `mcp_auth_refusals_total{route="${route}",reason="${reason}"}`;

test('introspections are counted by their result, answers that were kept included', async () => {
  const { accessToken } = await client.connect();
  const grew = await growth(async () => {
    for (let n = 0; n < 3; n++) await introspect(server, accessToken);
    await introspect(server, 'no token');
    const wrong = { method: 'POST', headers: basic('demo-mcp-server', 'wrong'), body: form({ token: 'x' }) };
    await request(server.url('/introspect'), wrong);
  });
  expect(grew(introspections('active'))).toBe(3);
  expect(grew(introspections('inactive'))).toBe(1);
  expect(grew(introspections('refused'))).toBe(1);
  expect(grew(requests('/introspect', 'answered'))).toBe(4);
  expect(grew(requests('/introspect', 'refused'))).toBe(1);
});

test('requests are counted by route pattern and outcome, refusals by their reason', async () => {
  const tokens = await client.connect();
  const person = new Person();
  const denied = new Person();
  const grew = await growth(async () => {
    await request(server.url('/invitations/not-one'));
    await client.refresh('unknown-refresh-token');
    await client.exchange('unknown-code', 'v'.repeat(43));
    await person.signIn(await person.open(server.url('/login')), 'wrong');
    await denied.decide(await denied.openConsent(client.authorize().url), 'Acme Robotics', 'deny');
    await request(server.url('/authorize?client_id=nobody'));
    await client.revoke(tokens.refreshToken);
    await client.refresh(tokens.refreshToken);
  });
  expect(grew(requests('/invitations/:token', 'refused'))).toBe(1);
  expect(grew(refusals('/invitations/:token', 'not_found'))).toBe(1);
  expect(grew(refusals('/token', 'unknown-code'))).toBe(1);
  expect(grew(refusals('/login', 'wrong-password'))).toBe(1);
  expect(grew(refusals('/authorize/:uid', 'consent-denied'))).toBe(1);
  expect(grew(refusals('/authorize', 'invalid_client'))).toBe(1);
  expect(grew(refusals('/token', 'unknown-refresh-token')) + grew(refusals('/token', 'connection-gone'))).toBe(2);
});

test('connections and the time that stores take are told', async () => {
  const metrics = await scrape();
  expect(metrics.get('mcp_auth_connections')).toBeGreaterThanOrEqual(0);
  expect(metrics.get('mcp_auth_store_seconds_count{store="durable",operation="commit"}')).toBeGreaterThan(0);
  expect(metrics.get('mcp_auth_store_seconds_count{store="volatile",operation="set"}')).toBeGreaterThan(0);
  expect(metrics.get('mcp_auth_store_seconds_count{store="limits",operation="take"}')).toBeGreaterThan(0);
  expect(metrics.get('mcp_auth_store_unavailable_total{store="durable"}')).toBe(0);
  expect(metrics.get('process_resident_memory_bytes')).toBeGreaterThan(0);
});

/** Requests as nobody sent them before: each with paths, ids and codes of its own. */
const strangeRequests = async (count: number): Promise<void> => {
  for (let n = 0; n < count; n++) {
    // In digits and letters: another alphabet would make some of them no scheme for a redirect URI, and others one.
    const made = `x${randomBytes(9).toString('hex')}`;
    const post = (path: string, body: Record<string, string>, headers: Record<string, string> = {}) =>
      request(server.url(path), { method: 'POST', headers, body: form(body) });
    await Promise.all([
      request(server.url(`/${made}`)),
      request(`http://localhost:${server.port}/${made}/token`),
      request(`http://localhost:${server.port}/${made}/authorize/${made}`),
      request(server.url(`/authorize/${made}`)),
      request(server.url(`/interaction/${made}`)),
      request(server.url(`/invitations/${made}`)),
      request(server.url(`/assets/${made}`)),
      request(server.url(`/organizations/${made}/members`)),
      request(server.url(`/authorize?client_id=${made}&response_type=${made}`)),
      post('/token', { grant_type: made, client_id: made }),
      post('/token', { grant_type: 'refresh_token', client_id: client.clientId, refresh_token: made }),
      post('/introspect', { token: made }, basic(made, made)),
      post('/revoke', { token: made, client_id: made }),
      request(server.url('/register'), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ redirect_uris: [`${made}:`], client_name: made }),
      }),
    ]);
  }
};

test('no request makes a series of its own', async () => {
  await strangeRequests(3);
  const before = [...(await scrape()).keys()];
  await strangeRequests(15);
  const after = [...(await scrape()).keys()];
  expect(after.filter((series) => series.startsWith('mcp_auth_') && !before.includes(series))).toEqual([]);
  expect(after.length).toBeLessThan(1_000);
});

test('every reason so far has a name, and stands in docs/operations.md', async () => {
  const documented = readFileSync('docs/operations.md', 'utf8');
  const reasons = [...(await scrape()).keys()].flatMap((series) => /reason="([^"]*)"/.exec(series)?.[1] ?? []);
  expect(reasons.length).toBeGreaterThan(5);
  expect(reasons).not.toContain('other');
  for (const reason of reasons) expect(documented).toContain(`\`${reason.replace(/^limit-.*/, 'limit-…')}\``);
});

test('every metric of this server stands in docs/operations.md', async () => {
  const documented = readFileSync('docs/operations.md', 'utf8');
  const { text } = await request(`http://127.0.0.1:${metricsPort}/metrics`);
  const names = [...text.matchAll(/^# TYPE (mcp_auth_\w+)/gm)].map(([, name]) => name);
  expect(names.length).toBe(8);
  for (const name of names) expect(documented).toContain(`\`${name}\``);
});

test('there are no metrics where clients ask, and nothing else where metrics are', async () => {
  expect((await request(`http://localhost:${server.port}/metrics`)).status).toBe(404);
  expect((await request(server.url('/metrics'))).status).toBe(404);
  expect((await request(`http://127.0.0.1:${metricsPort}/oauth/login`)).status).toBe(404);
});
