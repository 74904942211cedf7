/** A client that nobody knows, with a redirect_uri that looks right: nobody is sent there. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { TestClient } from '../support/client.js';
import { Person } from '../support/person.js';
import { startServer, type TestServer } from '../support/server.js';

const DAY_MS = 86_400_000;

let server: TestServer;
let client: TestClient;
beforeAll(async () => {
  server = await startServer();
  client = await TestClient.register(server);
});
afterAll(() => server?.stop());

const staysLocal = async (url: string): Promise<void> => {
  for (const extra of ['', '&prompt=none', '&response_type=token']) {
    const page = await new Person().open(url + extra);
    expect(`${page.status} ${page.leftFor}`).toBe('400 undefined');
    expect(page.headers.get('content-type')).toMatch(/^text\/html/);
    expect(page.html.querySelector('h1')?.textContent).toBeTruthy();
  }
};

test.each([
  ['an id that was never given', 'dcr_AAAAAAAAAAAAAAAAAAAAAA'],
  ['an empty id', ''],
  ['the id of a resource server', 'demo-mcp-server'],
  ['__proto__', '__proto__'],
  ['constructor', 'constructor'],
  ['toString', 'toString'],
  ['a number', '0'],
  ['a path', '../../clients'],
  ['a NUL', 'dcr_\u0000'],
  ['10,000 characters', 'x'.repeat(10_000)],
  ['an address that does not resolve', 'https://nobody.invalid/client.json'],
  ['an address of this machine', 'https://localhost/client.json'],
  ['an http: address', 'http://client.example.com/client.json'],
])('%s ends on a local page', async (_what, client_id) => {
  await staysLocal(client.authorize({ client_id }).url);
});

test('no id at all ends on a local page', async () => {
  await staysLocal(client.authorize({ client_id: undefined }).url);
});

test('two ids end on a local page', async () => {
  await staysLocal(`${client.authorize().url}&client_id=${client.clientId}`);
});

test('the id of a registration that was forgotten ends on a local page', async () => {
  const unused = await TestClient.register(server);
  await server.advance(DAY_MS + 60_000);
  await staysLocal(unused.authorize().url);
});
