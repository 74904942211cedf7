/** Authorization requests that make this server fetch: few fetches, for each host and in all. */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { form } from '../support/client.js';
import { RESOURCE } from '../support/clientRow.js';
import { configFor } from '../support/demoServer.js';
import { type DocumentHost, PLAIN_DOCUMENT, startDocumentHost } from '../support/documentHost.js';
import { Person } from '../support/person.js';
import { startServer, type TestServer } from '../support/server.js';

const PER_HOST = 6;
const IN_ALL = 8;

let hosts: DocumentHost[];
let server: TestServer;
beforeAll(async () => {
  hosts = await Promise.all([startDocumentHost(), startDocumentHost()]);
  const metadataDocuments = {
    privateHosts: hosts.map(({ host }) => host),
    fetchesPerMinute: { perHost: PER_HOST, inAll: IN_ALL },
  };
  const config = { ...(await configFor(RESOURCE)), clientPolicy: { metadataDocuments } };
  // The server trusts one certificate file; the second host only has to count connections.
  server = await startServer({ config, env: hosts[0]?.env ?? {} });
});
// So that each test finds the limits unused.
beforeEach(() => server.advance(61_000));
afterAll(async () => {
  await server?.stop();
  await Promise.all(hosts?.map((host) => host.stop()) ?? []);
});

const authorize = async (clientId: string): Promise<number> => {
  const query = form({
    client_id: clientId,
    response_type: 'code',
    redirect_uri: 'http://localhost/callback',
    code_challenge: 'a'.repeat(43),
    code_challenge_method: 'S256',
  });
  return (await new Person().open(`${server.url('/authorize')}?${query}`)).status;
};
const [first, second] = [() => hosts[0] as DocumentHost, () => hosts[1] as DocumentHost];

test('one authorization is one fetch, also when it fails, and when many come at once', async () => {
  await authorize(first().url('/missing.json'));
  expect(first().requests('/missing.json')).toHaveLength(1);
  const clientId = first().serve('/once.json', PLAIN_DOCUMENT, { 'cache-control': 'max-age=300' });
  const statuses = await Promise.all(Array.from({ length: 20 }, () => authorize(clientId)));
  expect(new Set(statuses)).toEqual(new Set([200]));
  expect(first().requests('/once.json')).toHaveLength(1);
});

test('neither an error nor a malformed document is remembered, whatever it says of caching', async () => {
  const cacheable = { 'cache-control': 'max-age=86400' };
  first().answer('/error.json', (response) => void response.writeHead(500, cacheable).end());
  expect(await authorize(first().url('/error.json'))).toBe(400);
  first().serve('/malformed.json', '{', cacheable);
  expect(await authorize(first().url('/malformed.json'))).toBe(400);
  for (const path of ['/error.json', '/malformed.json']) {
    first().serve(path, PLAIN_DOCUMENT, cacheable);
    expect(await authorize(first().url(path))).toBe(200);
  }
});

test('many addresses at one host are fetched so often and no more, and what is known goes on', async () => {
  const known = first().serve('/known.json', PLAIN_DOCUMENT, { 'cache-control': 'max-age=300' });
  expect(await authorize(known)).toBe(200);
  const paths = Array.from({ length: 3 * PER_HOST }, (_, n) => `/many-${n}.json`);
  for (const path of paths) expect(await authorize(first().serve(path, PLAIN_DOCUMENT))).toBeLessThan(500);
  const fetched = paths.reduce((sum, path) => sum + first().requests(path).length, 0);
  expect(fetched).toBe(PER_HOST - 1);
  expect(await authorize(known)).toBe(200);
});

test('many hosts together are fetched so often and no more', async () => {
  const connections = { before: second().connections(), after: 0 };
  const paths = Array.from({ length: PER_HOST }, (_, n) => `/all-${n}.json`);
  for (const path of paths) await authorize(first().serve(path, PLAIN_DOCUMENT));
  for (const path of paths) expect(await authorize(second().serve(path, PLAIN_DOCUMENT))).toBe(400);
  connections.after = second().connections();
  expect(connections.after - connections.before).toBe(IN_ALL - PER_HOST);
});

test('a document that may not be kept is fetched at each step of an authorization, and not more often', async () => {
  const clientId = first().serve('/no-store.json', PLAIN_DOCUMENT, { 'cache-control': 'no-store' });
  // The request itself, and the page that it leads to.
  await authorize(clientId);
  expect(first().requests('/no-store.json')).toHaveLength(2);
});

test('its logo is neither fetched nor embedded', async () => {
  const logo = first().url('/logo.png');
  const clientId = first().serve('/logo.json', { ...PLAIN_DOCUMENT, logo_uri: logo });
  const query = form({
    client_id: clientId,
    response_type: 'code',
    redirect_uri: 'http://localhost/callback',
    code_challenge: 'a'.repeat(43),
    code_challenge_method: 'S256',
  });
  const consent = await new Person().openConsent(`${server.url('/authorize')}?${query}`);
  expect(consent.status).toBe(200);
  expect(consent.html.toString()).not.toContain('logo.png');
  expect(first().requests('/logo.png')).toEqual([]);
});
