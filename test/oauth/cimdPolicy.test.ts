/** Which hosts' metadata documents are fetched, and how often. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { introspect, request, TestClient, tokensOf } from '../support/client.js';
import { configFor } from '../support/demoServer.js';
import { type DocumentHost, PLAIN_DOCUMENT, startDocumentHost } from '../support/documentHost.js';
import { Person } from '../support/person.js';
import { startServer, type TestServer } from '../support/server.js';

const RESOURCE = 'http://localhost:3001/mcp';
const REDIRECT_URI = 'http://127.0.0.1:7777/callback';
const NO_STORE = { 'cache-control': 'no-store' };

let vendor: DocumentHost;
let dataDir: string;
const servers: TestServer[] = [];
beforeAll(async () => {
  vendor = await startDocumentHost();
  dataDir = await mkdtemp(join(tmpdir(), 'cimd-policy-'));
});
afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  await vendor?.stop();
  await rm(dataDir, { recursive: true, force: true });
});

/** A server with this policy; all of them work on one store. */
const serverWith = async (metadataDocuments: object): Promise<TestServer> => {
  const config = { ...(await configFor(RESOURCE)), clientPolicy: { metadataDocuments } };
  const server = await startServer({ config, env: vendor.env, dataDir });
  servers.push(server);
  return server;
};

const authorize = (server: TestServer, clientId: string) =>
  request(TestClient.known(server, clientId, REDIRECT_URI).authorize().url);

describe('A host inside a private network', () => {
  test('is never connected to, unless the operator lists it with its port', async () => {
    const server = await serverWith({ privateHosts: ['localhost', `localhost:1${vendor.host.split(':')[1]}`] });
    const answer = await authorize(server, vendor.serve('/private.json', PLAIN_DOCUMENT));
    expect(answer.status).toBe(400);
    expect(answer.text).toContain('outside the public internet');
    expect(vendor.requests('/private.json')).toEqual([]);
  });
});

describe('The lists of the policy', () => {
  test('a host that is denied later lets nobody in any more, and the connections that it has go on', async () => {
    const before = await serverWith({ privateHosts: [vendor.host] });
    const clientId = vendor.serve('/denied.json', PLAIN_DOCUMENT, { 'cache-control': 'max-age=3600' });
    const client = TestClient.known(before, clientId, REDIRECT_URI);
    const { accessToken, refreshToken } = await client.connect();

    const after = await serverWith({ privateHosts: [vendor.host], denyHosts: ['localhost'] });
    const denied = TestClient.known(after, clientId, REDIRECT_URI);
    const page = await new Person().open(denied.authorize().url);
    expect(page.leftFor).toBeUndefined();
    expect(page.status).toBe(400);
    expect((await introspect(after, accessToken)).json.active).toBe(true);
    expect((await denied.refresh(refreshToken)).status).toBe(200);
    expect(vendor.requests('/denied.json')).toHaveLength(1);
  });

  test('only hosts of the allow list are fetched', async () => {
    const server = await serverWith({ privateHosts: [vendor.host], allowHosts: ['elsewhere.example'] });
    expect((await authorize(server, vendor.serve('/not-allowed.json', PLAIN_DOCUMENT))).status).toBe(400);
    expect(vendor.requests('/not-allowed.json')).toEqual([]);
  });

  test('documents that are switched off are not advertised and not fetched', async () => {
    const server = await serverWith({ privateHosts: [vendor.host], enabled: false });
    const metadata = await request(server.url('/.well-known/oauth-authorization-server'));
    expect(metadata.json.client_id_metadata_document_supported).toBe(false);
    expect((await authorize(server, vendor.serve('/off.json', PLAIN_DOCUMENT))).status).toBe(400);
    expect(vendor.requests('/off.json')).toEqual([]);
  });
});

describe('Fetches are limited', () => {
  test('for each host: then people are asked to wait a minute, and clients in use are not affected', async () => {
    const server = await serverWith({
      privateHosts: [vendor.host],
      fetchesPerMinute: { perHost: 12, inAll: 1_000 },
    });
    const kept = vendor.serve('/kept.json', PLAIN_DOCUMENT, { 'cache-control': 'max-age=3600' });
    const client = TestClient.known(server, kept, REDIRECT_URI);
    const { code, verifier } = await client.code();

    const answers = await Promise.all(
      // Documents that are not there, each under another address: nothing about them could be kept.
      Array.from({ length: 30 }, (_, i) => authorize(server, vendor.url(`/missing/${i}.json`))),
    );
    const limited = answers.filter(({ text }) => text.includes('wait a minute'));
    expect(answers.every(({ status }) => status === 400)).toBe(true);
    expect(limited).toHaveLength(30 - 11);
    const fetched = Array.from({ length: 30 }, (_, i) => vendor.requests(`/missing/${i}.json`).length);
    expect(fetched.reduce((sum, n) => sum + n)).toBe(11);

    expect((await authorize(server, kept)).status).toBe(303);
    const tokens = tokensOf(await client.exchange(code, verifier));
    expect((await client.refresh(tokens.refreshToken)).status).toBe(200);

    await server.advance(61_000);
    expect((await authorize(server, vendor.serve('/later.json', PLAIN_DOCUMENT, NO_STORE))).status).toBe(303);
  });

  test('so that nobody shuts out the people of a known client by asking for other addresses of its host', async () => {
    const server = await serverWith({ privateHosts: [vendor.host], fetchesPerMinute: { perHost: 3, inAll: 1_000 } });
    const known = vendor.serve('/known.json', PLAIN_DOCUMENT, NO_STORE);
    expect((await authorize(server, known)).status).toBe(303);
    for (let i = 0; i < 5; i++) await authorize(server, vendor.url(`/flood/${i}.json`));
    expect((await authorize(server, vendor.serve('/unknown.json', PLAIN_DOCUMENT))).text).toContain('wait a minute');
    expect((await authorize(server, known)).status).toBe(303);
    expect(vendor.requests('/known.json')).toHaveLength(1);
    // Where the minute is over, the document is asked for again.
    await server.advance(61_000);
    expect((await authorize(server, known)).status).toBe(303);
    expect(vendor.requests('/known.json')).toHaveLength(2);
  });

  test('in all, over all hosts', async () => {
    const other = await startDocumentHost();
    try {
      const server = await serverWith({
        privateHosts: [vendor.host, other.host],
        fetchesPerMinute: { perHost: 1_000, inAll: 4 },
      });
      const ids = [0, 1, 2, 3, 4, 5].map((i) => (i % 2 ? vendor : other).url(`/in-all/${i}.json`));
      const texts: string[] = [];
      for (const id of ids) texts.push((await authorize(server, id)).text);
      expect(texts.map((text) => text.includes('wait a minute'))).toEqual([false, false, false, false, true, true]);
    } finally {
      await other.stop();
    }
  });
});
