/** Registering without end: limited in number and size, and what nobody uses is forgotten. */

import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openEmbeddedStores } from '../../src/stores/embedded/open.js';
import { clients } from '../../src/stores/records/client.js';
import { type Answer, introspect, request, TestClient } from '../support/client.js';
import { configFor } from '../support/demoServer.js';
import { Person } from '../support/person.js';
import { sendRaw } from '../support/raw.js';
import { startServer, type TestServer } from '../support/server.js';

const RESOURCE = 'http://localhost:3001/mcp';
const PER_ADDRESS = 20;
const IN_ALL = 30;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

let server: TestServer;
beforeAll(async () => {
  const rates = {
    registrationPerAddress: { events: PER_ADDRESS, seconds: 3_600 },
    registrationInAll: { events: IN_ALL, seconds: 3_600 },
  };
  const config = { ...(await configFor(RESOURCE)), limits: { rates } };
  server = await startServer({ config, env: { TRUST_PROXY: '1' } });
});
afterAll(() => server?.stop());

const register = (metadata: object, address = '192.0.2.1'): Promise<Answer> =>
  request(server.url('/register'), {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-forwarded-for': address },
    body: JSON.stringify(metadata),
  });
const uris = (count: number) => Array.from({ length: count }, (_, n) => `https://client.example.com/${n}`);

test('a flood from one address gets 429, and so does one from many addresses', async () => {
  const flood = await Promise.all(Array.from({ length: 200 }, () => register({ redirect_uris: uris(1) })));
  const statuses = flood.map(({ status }) => status);
  expect(statuses.filter((status) => status === 201)).toHaveLength(PER_ADDRESS);
  expect(statuses.filter((status) => status === 429)).toHaveLength(200 - PER_ADDRESS);
  const refused = flood.find(({ status }) => status === 429);
  expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(refused?.json.error).toBe('temporarily_unavailable');
  const spread = await Promise.all(
    Array.from({ length: 100 }, (_, n) => register({ redirect_uris: uris(1) }, `198.51.100.${n}`)),
  );
  // What was refused to the one address was not taken from all others.
  expect(spread.filter(({ status }) => status === 201)).toHaveLength(IN_ALL - PER_ADDRESS);
  await server.advance(HOUR_MS);
  expect((await register({ redirect_uris: uris(1) })).status).toBe(201);
});

test('a flood from one IPv6 network, with another address each time, is one from one address', async () => {
  await server.advance(HOUR_MS);
  const flood: number[] = [];
  for (let n = 0; n < PER_ADDRESS + 2; n++)
    flood.push((await register({ redirect_uris: uris(1) }, `2001:db8:0:1:${n}::${n + 1}`)).status);
  expect(flood.filter((status) => status === 201)).toHaveLength(PER_ADDRESS);
  expect((await register({ redirect_uris: uris(1) }, '2001:db8:0:2::1')).status).toBe(201);
  await server.advance(HOUR_MS);
});

test.each([11, 1_000])('%i redirect URIs are 400', async (count) => {
  const answer = await register({ redirect_uris: uris(count) });
  expect(`${answer.status} ${answer.json.error}`).toMatch(/^400 invalid_(client_metadata|redirect_uri)$/);
});

test('2 MB are 413, announced or not', async () => {
  expect((await register({ redirect_uris: uris(1), x: 'x'.repeat(2_000_000) })).status).toBe(413);
  const body = JSON.stringify({ redirect_uris: uris(1), x: 'x'.repeat(2_000_000) });
  const head = 'POST /register HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\n';
  const chunk = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
  const chunked = await sendRaw(server.port, `${head}Transfer-Encoding: chunked\r\n\r\n`, chunk);
  expect(chunked.status).toBe(413);
});

test('long values of a registration are refused or cut, so that a record stays small', async () => {
  const long = 'x'.repeat(3_000);
  const address = await register({ redirect_uris: [`https://client.example.com/${long}`] });
  expect(address.status).toBe(400);
  const other = await register({ redirect_uris: uris(1), client_name: long, client_uri: `https://x.example/${long}` });
  expect(other.status).toBe(201);
  expect(other.text.length).toBeLessThan(1_500);
  const versions = await register({ redirect_uris: uris(1), software_id: 's'.repeat(60_000), contacts: uris(1_000) });
  expect(versions.text.length).toBeLessThan(1_500);
});

test('a client that nobody uses is forgotten after a day, and one that is used is not', async () => {
  const unused = await TestClient.register(server);
  const used = await TestClient.register(server);
  const { accessToken, refreshToken } = await used.connect();
  expect((await introspect(server, accessToken)).json.active).toBe(true);
  await server.advance(DAY_MS + HOUR_MS);
  expect((await new Person().open(unused.authorize().url)).status).toBe(400);
  expect((await unused.refresh('x')).status).toBe(401);
  expect((await new Person().open(used.authorize().url)).status).toBe(200);
  expect((await used.refresh(refreshToken)).status).toBe(200);
});

test('what is forgotten leaves the store with the next clean-up', async () => {
  const stores = await openEmbeddedStores(join(server.dataDir, 'store'));
  const ids = async () => (await stores.durable.list(clients, 'byCreation', [])).map(({ id }) => id);
  const realNow = Date.now;
  try {
    const before = (await ids()).length;
    expect(before).toBeGreaterThan(PER_ADDRESS);
    Date.now = () => realNow() + 3 * DAY_MS;
    await stores.durable.sweep();
    Date.now = realNow;
    // The used one is all that is left.
    expect((await ids()).length).toBe(1);
  } finally {
    Date.now = realNow;
    await stores.close();
  }
});

test('a flood that also opens /authorize, without a person or for one account, is forgotten after a day but for twenty an hour', async () => {
  await server.advance(HOUR_MS);
  const registered = (count: number) => Promise.all(Array.from({ length: count }, () => TestClient.register(server)));
  const seen = await registered(12);
  await server.advance(HOUR_MS);
  seen.push(...(await registered(10)));
  const unseen = await registered(5);
  const person = new Person();
  for (const client of seen) await person.openConsent(client.authorize().url);
  for (const client of unseen)
    for (let n = 0; n < 3; n++) expect((await new Person().open(client.authorize().url)).status).toBe(200);
  await server.advance(DAY_MS + HOUR_MS);
  const known = async (all: TestClient[]): Promise<number[]> =>
    Promise.all(all.map(async (client) => (await client.refresh('x')).status));
  expect(await known(unseen)).toEqual(Array(5).fill(401));
  expect((await known(seen)).filter((status) => status === 400)).toHaveLength(20);
  await server.advance(90 * DAY_MS);
  expect(await known(seen)).toEqual(Array(22).fill(401));
});
