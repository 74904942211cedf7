/** Client ids on hosts whose names never resolve: other clients, and everything else that looks names up, go on. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { freePort } from '../support/childServer.js';
import { request, TestClient } from '../support/client.js';
import { RESOURCE } from '../support/clientRow.js';
import { configFor } from '../support/demoServer.js';
import { type DocumentHost, PLAIN_DOCUMENT, startDocumentHost } from '../support/documentHost.js';
import { type NameServer, startNameServer } from '../support/nameServer.js';
import { startServer, type TestServer } from '../support/server.js';
import { upstreamEnvironment } from '../support/upstream.js';

const SILENT_NAMES = new URL('../support/silentNames.mjs', import.meta.url).pathname;
const ADDRESSES = 100;
const OF_ONE = 6;
/** What one look-up may take, and a busy machine on top; the fetch's own deadline is later. */
const LOOKED_UP_MS = 2_000 + 2_000;

let names: NameServer;
/** An identity provider that says where people sign in, which is all that is asked of it here. */
let providing: Server;
let provider: string;
let vendor: DocumentHost;
let server: TestServer;
beforeAll(async () => {
  [names, vendor] = await Promise.all([startNameServer(() => 'silent'), startDocumentHost()]);
  provider = `http://localhost:${await freePort()}`;
  providing = createServer((_request, response) => {
    const said = { issuer: provider, authorization_endpoint: `${provider}/authorize`, jwks_uri: `${provider}/jwks` };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(said));
  }).listen(Number(new URL(provider).port), '127.0.0.1');
  await once(providing, 'listening');
  server = await startServer({
    config: {
      ...(await configFor(RESOURCE)),
      clientPolicy: { metadataDocuments: { privateHosts: [vendor.host] } },
      limits: { rates: { unknownDocumentPerAddress: { events: OF_ONE, seconds: 600 } } },
    },
    env: { ...vendor.env, NAME_SERVER: names.address, TRUST_PROXY: '1', ...upstreamEnvironment(provider) },
    preload: [SILENT_NAMES],
  });
});
afterAll(async () => {
  await server?.stop();
  await Promise.all([vendor?.stop(), names?.stop(), new Promise((resolve) => providing?.close(resolve))]);
});

const authorize = async (clientId: string, address: string) => {
  const from = performance.now();
  const url = TestClient.known(server, clientId, 'http://localhost/callback').authorize().url;
  const { status, text } = await request(url, { headers: { 'x-forwarded-for': address } });
  return { status, text, ms: performance.now() - from };
};
const silentClient = (n: number | string): string => `https://never-${n}.slow.test/client.json`;

test('A hundred names that never resolve hold up no client whose document is not known yet', async () => {
  const flood = Array.from({ length: ADDRESSES }, (_, n) => authorize(silentClient(n), `198.51.100.${n}`));
  // All of them are asked for before the good one is.
  while (names.questions() < ADDRESSES) await new Promise((resolve) => setTimeout(resolve, 10));
  const good = await authorize(vendor.serve('/good.json', PLAIN_DOCUMENT), '203.0.113.1');
  expect(good.status).toBe(303);
  expect(good.ms).toBeLessThan(1_500);
  // Its name needs the system's look-up, and so does that of every store.
  const from = performance.now();
  const signIn = await request(server.url('/login/upstream'));
  expect(signIn.headers.get('location')).toContain(`${provider}/authorize?`);
  expect(performance.now() - from).toBeLessThan(1_500);
  for (const refused of await Promise.all(flood)) {
    expect(refused.status).toBe(400);
    expect(refused.ms).toBeLessThan(LOOKED_UP_MS);
    expect(refused.text).toMatch(/could not reach the host never-\d+\.slow\.test/);
  }
});

test('A name that never resolves is asked for again by the next request, and ends again', async () => {
  for (let n = 0; n < 2; n++) {
    const before = names.questions();
    const { status, ms } = await authorize(silentClient('again'), '203.0.113.2');
    expect(status).toBe(400);
    expect(ms).toBeLessThan(LOOKED_UP_MS);
    expect(names.questions()).toBeGreaterThan(before);
  }
});

test('One address has a few unknown documents of strangers fetched, and all others as before', async () => {
  const [address, other] = ['203.0.113.3', '203.0.113.5'];
  const known = vendor.serve('/known.json', PLAIN_DOCUMENT);
  expect((await authorize(known, other)).status).toBe(303);
  const asked = await Promise.all(Array.from({ length: OF_ONE }, (_, n) => authorize(silentClient(`a${n}`), address)));
  expect(new Set(asked.map(({ status }) => status))).toEqual(new Set([400]));
  const before = names.questions();
  const refused = await authorize(silentClient('more'), address);
  expect(refused.status).toBe(429);
  expect(refused.text).toContain('tried too often');
  expect(names.questions()).toBe(before);
  expect((await authorize(known, address)).status).toBe(303);
  // The operator has named this host, so what an address asks of strangers keeps nobody there from it.
  expect((await authorize(vendor.serve('/new.json', PLAIN_DOCUMENT), address)).status).toBe(303);
  expect((await authorize(silentClient('more'), other)).text).toMatch(
    /could not reach the host never-more\.slow\.test/,
  );
});
