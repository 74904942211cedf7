/** Redirect URIs: the port of a loopback address is free (RFC 8252 §7.3), and everything else is compared exactly. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { TestClient } from '../support/client.js';
import { registerWith } from '../support/clientRow.js';
import { Person } from '../support/person.js';
import { startServer, type TestServer } from '../support/server.js';

const REGISTERED = [
  'http://localhost/callback',
  'http://127.0.0.1:33418/',
  'http://[::1]/callback',
  'https://client.example.com/callback',
  'https://client.example.com/callback?tenant=1',
  'com.example.app://oauth/callback',
];

let server: TestServer;
let clientId: string;
beforeAll(async () => {
  server = await startServer();
  const { json } = await registerWith(server, JSON.stringify({ redirect_uris: REGISTERED, client_name: 'Claude' }));
  expect(json.redirect_uris).toEqual(REGISTERED);
  clientId = String(json.client_id);
});
afterAll(() => server?.stop());

const open = (redirectUri: string, more = '') =>
  new Person().open(TestClient.known(server, clientId, redirectUri).authorize().url + more);

describe('A redirect URI is accepted', () => {
  test.each([
    ...REGISTERED,
    'http://localhost:1/callback',
    'http://localhost:65535/callback',
    'http://127.0.0.1:49152/',
    'http://127.0.0.1/',
    'http://[::1]:8080/callback',
  ])('%s', async (uri) => {
    const page = await open(uri);
    expect(`${page.status} ${page.url.pathname}`).toBe('200 /login');
  });
});

describe('A redirect URI is refused on a page of this server, and nobody is sent anywhere', () => {
  test.each([
    ['another host of loopback', 'http://127.0.0.1/callback'],
    ['another address of 127/8', 'http://127.0.0.2:33418/'],
    ['a loopback address with https', 'https://localhost/callback'],
    ['another path', 'http://localhost/callback/x'],
    ['a slash more', 'http://localhost/callback/'],
    ['a query more', 'http://localhost/callback?x=1'],
    ['user names', 'http://user@localhost/callback'],
    ['a host that begins like localhost', 'http://localhost.evil.example/callback'],
    ['a suffix', 'https://client.example.com/callbackx'],
    ['a suffix of the host', 'https://client.example.com.evil.example/callback'],
    ['a subdomain', 'https://a.client.example.com/callback'],
    ['a parent domain', 'https://example.com/callback'],
    ['upper case in the path', 'https://client.example.com/Callback'],
    ['upper case in the host', 'https://CLIENT.example.com/callback'],
    ['a port', 'https://client.example.com:8443/callback'],
    ['the default port', 'https://client.example.com:443/callback'],
    ['dot segments', 'https://client.example.com/a/../callback'],
    ['encoded dot segments', 'https://client.example.com/%2e/callback'],
    ['an encoded letter', 'https://client.example.com/%63allback'],
    ['a backslash', 'https://client.example.com\\@evil.example/callback'],
    ['several @', 'https://client.example.com@x@evil.example/callback'],
    ['a user name that looks like the host', 'https://client.example.com@evil.example/callback'],
    ['a fragment', 'https://client.example.com/callback#x'],
    ['an empty fragment', 'https://client.example.com/callback#'],
    ['another query', 'https://client.example.com/callback?tenant=2'],
    ['a longer query', 'https://client.example.com/callback?tenant=1&x=2'],
    ['http', 'http://client.example.com/callback'],
    ['a tab', 'https://client.example.com/call\tback'],
    ['a space before', ' https://client.example.com/callback'],
    ['another path of a private scheme', 'com.example.app://oauth/other'],
    ['another private scheme', 'com.example.other://oauth/callback'],
    ['a script', 'javascript:alert(1)'],
    ['a script in mixed case', 'JaVaScRiPt:alert(1)'],
    ['data', 'data:text/html,<script>alert(1)</script>'],
    ['a protocol-relative address', '//client.example.com/callback'],
    ['nothing', ''],
  ])('%s', async (_what, uri) => {
    const page = await open(uri);
    expect(page.leftFor).toBeUndefined();
    expect(page.status).toBe(400);
    expect(page.headers.get('location')).toBeNull();
    expect(page.html.querySelectorAll('a[href^="javascript"], a[href*="evil"]')).toEqual([]);
  });

  test('two of them, the second one registered or not', async () => {
    for (const second of ['https://evil.example/', 'https://client.example.com/callback']) {
      const page = await open('https://client.example.com/callback', `&redirect_uri=${encodeURIComponent(second)}`);
      expect(page.leftFor).toBeUndefined();
      expect(page.status).toBe(400);
    }
  });

  test('a plausible one of an unknown client', async () => {
    const url = TestClient.known(server, 'dcr_unknown', 'https://claude.ai/api/mcp/auth_callback').authorize().url;
    const page = await new Person().open(url);
    expect(page.leftFor).toBeUndefined();
    expect(page.status).toBe(400);
  });
});

test('a client that calls itself Claude is shown as unverified, with the host that the person is sent to', async () => {
  const client = TestClient.known(server, clientId, 'https://client.example.com/callback');
  const page = await new Person().openConsent(client.authorize().url);
  expect(page.html.querySelector('.card-head')?.textContent).toMatch(/Claude[\s\S]*Unverified/);
  expect(page.html.querySelector('.destination .host')?.textContent.trim()).toBe('client.example.com');
  const local = TestClient.known(server, clientId, 'http://localhost:4321/callback');
  const warned = await new Person().openConsent(local.authorize().url);
  expect(warned.html.querySelector('.destination')?.textContent).toMatch(/localhost:4321[\s\S]*on this device/);
});
