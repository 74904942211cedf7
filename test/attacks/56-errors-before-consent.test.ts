/** An error of a request that the person has not seen leads nobody to an address that registered itself (RFC 9700 §4.11.2). */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { isSafeUnseen } from '../../src/oauth/authorizationAnswer.js';
import type { Page } from '../support/browser.js';
import { request, TestClient } from '../support/client.js';
import { registerWith } from '../support/clientRow.js';
import { configFor } from '../support/demoServer.js';
import { type DocumentHost, startDocumentHost } from '../support/documentHost.js';
import { clientRedirect, Person } from '../support/person.js';
import { startServer, type TestServer } from '../support/server.js';

const RESOURCE = 'http://localhost:3001/mcp';
const WEB = 'https://phishing.example/oauth/callback';
const APP = 'cursor://anysphere.cursor-mcp/oauth/callback';
const REVERSE = 'com.example.app:/oauth/callback';
const LOCAL = ['http://127.0.0.1:8765/callback', 'http://localhost:8765/callback', 'http://[::1]:8765/callback'];

/** What is wrong with a request before anybody has signed in, and the error that its client is told. */
const WRONG: [what: string, parameters: Record<string, string | undefined>, error: string][] = [
  ['prompt=none', { prompt: 'none' }, 'login_required'],
  ['prompt=none with another prompt', { prompt: 'none login' }, 'invalid_request'],
  ['no PKCE', { code_challenge: undefined, code_challenge_method: undefined }, 'invalid_request'],
  ['PKCE by plain', { code_challenge_method: 'plain' }, 'invalid_request'],
  ['a challenge that is none', { code_challenge: 'short' }, 'invalid_request'],
  ['response_type=token', { response_type: 'token' }, 'unsupported_response_type'],
  ['no response_type', { response_type: undefined }, 'invalid_request'],
  ['response_mode=fragment', { response_mode: 'fragment' }, 'invalid_request'],
  ['response_mode=form_post', { response_mode: 'form_post' }, 'invalid_request'],
  ['another resource', { resource: 'https://x.example/' }, 'invalid_target'],
  ['a request object', { request: 'e30.e30.' }, 'request_not_supported'],
  ['a request_uri', { request_uri: 'https://x.example/r' }, 'request_uri_not_supported'],
  ['registration', { registration: '{}' }, 'registration_not_supported'],
  ['max_age that is none', { scope: 'openid', max_age: 'x' }, 'invalid_request'],
];

let host: DocumentHost;
let server: TestServer;
const DOCUMENT = { client_name: 'Described client', token_endpoint_auth_method: 'none' };
beforeAll(async () => {
  host = await startDocumentHost();
  const config = await configFor(RESOURCE);
  server = await startServer({
    env: host.env,
    config: {
      ...config,
      clients: [{ client_id: 'configured', client_name: 'Configured', redirect_uris: [WEB, APP] }],
      clientPolicy: { metadataDocuments: { privateHosts: [host.host] }, redirectSchemes: ['cursor', 'acme-notes'] },
    },
  });
});
afterAll(async () => {
  await server?.stop();
  await host?.stop();
});

/** The page of an error that goes nowhere by itself. */
const staysHere = (page: Page, target: string, error: string): URL => {
  expect(`${page.status} ${page.leftFor ?? ''}`).toBe('400 ');
  expect(page.headers.get('location')).toBeNull();
  expect(page.headers.get('refresh')).toBeNull();
  expect(page.headers.get('cache-control')).toContain('no-store');
  expect(page.html.querySelectorAll('meta[http-equiv], form, iframe, script:not([src])')).toEqual([]);
  expect(page.html.querySelector('main')?.textContent).toContain(target);
  const links = page.html.querySelectorAll('main a[href]');
  expect(links).toHaveLength(1);
  const link = new URL(links[0]?.getAttribute('href') ?? '');
  expect(link.searchParams.get('error')).toBe(error);
  expect(link.searchParams.get('iss')).toBe(server.issuer);
  return link;
};

describe.each([
  [WEB, 'phishing.example'],
  [APP, 'cursor:'],
  [REVERSE, 'com.example.app:'],
])('A client that registered %s by itself', (uri, target) => {
  let client: TestClient;
  beforeAll(async () => {
    client = await TestClient.register(server, RESOURCE, uri);
  });

  test.each(WRONG)('%s: a page names the target and has a link to it', async (_what, parameters, error) => {
    const { url, state } = client.authorize(parameters);
    const link = staysHere(await new Person().open(url), target, error);
    expect(link.href.startsWith(uri)).toBe(true);
    expect(link.searchParams.get('state')).toBe(state);
  });

  test('so it is for somebody who is signed in, and for a posted request', async () => {
    const ada = new Person();
    await ada.signIn(await ada.open(server.url('/login')));
    const { url } = client.authorize({ prompt: 'none' });
    staysHere(await ada.open(url), target, 'login_required');
    const posted = await request(server.url('/authorize'), {
      method: 'POST',
      headers: { accept: 'text/html' },
      body: new URL(url).searchParams,
    });
    expect(`${posted.status} ${posted.headers.get('location')}`).toBe('400 null');
  });

  test.each(['approve', 'deny'] as const)('once the person decides (%s), the answer goes there', async (decision) => {
    const person = new Person();
    const consent = await person.openConsent(client.authorize().url);
    const redirect = clientRedirect(await person.decide(consent, 'Acme Robotics', decision));
    expect(redirect.href.startsWith(uri)).toBe(true);
    expect(redirect.searchParams.has(decision === 'approve' ? 'code' : 'error')).toBe(true);
  });
});

describe('An error is told at once', () => {
  test.each(LOCAL)('to an app on this device: %s', async (uri) => {
    const client = await TestClient.register(server, RESOURCE, uri);
    for (const [, parameters, error] of WRONG) {
      const redirect = clientRedirect(await new Person().open(client.authorize(parameters).url));
      expect(redirect.searchParams.get('error')).toBe(error);
      expect(redirect.href.startsWith(uri)).toBe(true);
    }
  });

  test.each([WEB, APP])('to a pre-registered client at %s', async (uri) => {
    const client = TestClient.known(server, 'configured', uri);
    const redirect = clientRedirect(await new Person().open(client.authorize({ prompt: 'none' }).url));
    expect(redirect.searchParams.get('error')).toBe('login_required');
    expect(redirect.href.startsWith(uri)).toBe(true);
  });

  test('to no other host that a metadata document names', async () => {
    const other = 'https://elsewhere.example/callback';
    const id = host.serve('/client.json', { ...DOCUMENT, redirect_uris: [other, APP] });
    const open = (uri: string) =>
      new Person().open(TestClient.known(server, id, uri).authorize({ prompt: 'none' }).url);
    staysHere(await open(other), 'elsewhere.example', 'login_required');
    staysHere(await open(APP), 'cursor:', 'login_required');
  });

  test('to the host of the metadata document itself, on its port', () => {
    const vendor = {
      config: { file: { clients: [] } },
      documents: { handles: (id: string) => id.startsWith('https://vendor.example') },
    } as unknown as Parameters<typeof isSafeUnseen>[0];
    const safe = (id: string, uri: string) => isSafeUnseen(vendor, id, uri);
    expect(safe('https://vendor.example/client.json', 'https://vendor.example/callback')).toBe(true);
    expect(safe('https://vendor.example:8443/client.json', 'https://vendor.example:8443/callback')).toBe(true);
    expect(safe('https://vendor.example/client.json', 'https://vendor.example:8443/callback')).toBe(false);
    expect(safe('https://vendor.example/client.json', 'https://sub.vendor.example/callback')).toBe(false);
    // Not let in by the client policy, or not described at all.
    expect(safe('https://denied.example/client.json', 'https://denied.example/callback')).toBe(false);
    expect(safe('dcr_x', 'https://vendor.example/callback')).toBe(false);
  });
});

describe('What a client says of itself cannot change that page', () => {
  test('the state comes back as it was, whatever is in it', async () => {
    const client = await TestClient.register(server, RESOURCE, WEB);
    for (const state of [
      '"><script>alert(1)</script>',
      Buffer.from(JSON.stringify({ a: '?&=', b: 'é' })).toString('base64'),
      'a b+c%20d',
    ]) {
      const page = await new Person().open(client.authorize({ prompt: 'none', state }).url);
      expect(staysHere(page, 'phishing.example', 'login_required').searchParams.get('state')).toBe(state);
    }
  });

  test('the page shows the real host, not what looks like another one', async () => {
    const uri = 'https://xn--pple-43d.example/callback?host=good.example';
    const client = await TestClient.register(server, RESOURCE, uri);
    staysHere(
      await new Person().open(client.authorize({ prompt: 'none' }).url),
      'xn--pple-43d.example',
      'login_required',
    );
  });
});

describe('A private-use scheme', () => {
  const refused = [
    'ssh://evil.example/',
    'smb://evil.example/share',
    'sftp://evil.example/',
    'telnet://evil.example/',
    'ms-settings:privacy',
    'ms-windows-store://pdp/?productid=x',
    'ms-appinstaller:?source=https://evil.example/x.msix',
    'ms-officecmd:x',
    'ms-word:ofe|u|https://evil.example/x.docm',
    'search:query=x',
    'itms-services://?action=download-manifest&url=https://evil.example/x.plist',
    'apt:evil',
    'snap://evil',
    'steam://run/1',
    'zoommtg://zoom.us/join',
    'facetime:evil@example.com',
    'x-apple.systempreferences:com.apple.preference.security',
    'microsoft.windows.camera:',
    'slack://open',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'notlisted://callback',
    'windsurf://codeium.windsurf/callback',
    '.dot:/callback',
    'dot.:/callback',
    'a..b:/callback',
  ];
  test.each(refused)('%s cannot be registered', async (uri) => {
    const { status, json } = await registerWith(server, JSON.stringify({ redirect_uris: [uri] }));
    expect(`${status} ${json.error}`).toMatch(/^400 invalid_(redirect_uri|client_metadata)$/);
    expect(json.client_id).toBeUndefined();
  });

  test.each(refused)('%s is left out of a metadata document: a page, and no way there', async (uri) => {
    const local = 'http://127.0.0.1/callback';
    const id = host.serve('/scheme.json', { ...DOCUMENT, redirect_uris: [local, uri] });
    for (const parameters of [{}, { prompt: 'none' }, { response_type: 'token' }]) {
      const page = await new Person().open(TestClient.known(server, id, uri).authorize(parameters).url);
      expect(`${page.status} ${page.leftFor ?? ''}`).toBe('400 ');
      expect(page.html.querySelectorAll('main a[href]')).toEqual([]);
    }
    expect((await new Person().open(TestClient.known(server, id, local).authorize().url)).url.pathname).toBe('/login');
  });

  test('that is put on the list counts at once, and one that is taken off is left out, however long a document may be kept', async () => {
    const config = await configFor(RESOURCE);
    const uri = 'acme-notes://callback';
    const local = 'http://127.0.0.1/callback';
    const year = { 'cache-control': 'max-age=31536000' };
    const id = host.serve('/listed.json', { ...DOCUMENT, redirect_uris: [local, uri] }, year);
    const policy = { metadataDocuments: { privateHosts: [host.host] } };
    const before = await startServer({ config: { ...config, clientPolicy: policy }, env: host.env });
    const after = await startServer({
      config: { ...config, clientPolicy: { ...policy, redirectSchemes: ['acme-notes'] } },
      dataDir: before.dataDir,
      issuer: before.issuer,
      env: host.env,
    });
    try {
      const opened = async (at: typeof server, to: string) => {
        const page = await new Person().open(TestClient.known(at, id, to).authorize().url);
        return `${page.status} ${page.url.pathname}`;
      };
      for (const _ of ['off', 'off again']) {
        expect(await opened(before, uri)).toBe('400 /authorize');
        expect(await opened(before, local)).toBe('200 /login');
        expect(await opened(after, uri)).toBe('200 /login');
        expect(await opened(after, local)).toBe('200 /login');
      }
      const fetches = host.requests('/listed.json').length;
      await opened(after, uri);
      expect(host.requests('/listed.json')).toHaveLength(fetches);
    } finally {
      await after.stop();
      await before.stop();
    }
  });

  test.each(['com.example.app:/cb', 'com.raycast:/oauth?package_name=x', 'io.github.x-y.z9://cb', 'acme-notes://cb'])(
    '%s can be',
    async (uri) => {
      const client = await TestClient.register(server, RESOURCE, uri);
      expect((await new Person().open(client.authorize().url)).url.pathname).toBe('/login');
    },
  );

  test('that is taken off the list ends what was registered with it: a page, and nobody is sent there', async () => {
    const config = await configFor(RESOURCE);
    const before = await startServer({ config: { ...config, clientPolicy: { redirectSchemes: ['acme-notes'] } } });
    const after = await startServer({ config, dataDir: before.dataDir, issuer: before.issuer });
    try {
      // A list replaces the default, which has the schemes of known clients.
      for (const scheme of [
        'cursor',
        'vscode',
        'vscode-insiders',
        'claude',
        'windsurf',
        'zed',
        'raycast',
        'kiro',
        'warp',
      ]) {
        const body = JSON.stringify({ redirect_uris: [`${scheme}://publisher.extension/oauth/callback`] });
        expect([(await registerWith(before, body)).status, (await registerWith(after, body)).status]).toEqual([
          400, 201,
        ]);
      }
      const client = await TestClient.register(before, RESOURCE, 'acme-notes://callback');
      const consent = await new Person().openConsent(client.authorize().url);
      expect(consent.url.pathname).toMatch(/^\/interaction\//);
      for (const extra of [{}, { prompt: 'none' }, { response_type: 'token' }]) {
        const page = await new Person().open(client.at(after).authorize(extra).url);
        expect(`${page.status} ${page.leftFor ?? ''}`).toBe('400 ');
        expect(page.html.querySelector('main')?.textContent).toContain('acme-notes:');
        expect(page.html.querySelectorAll('main a[href]')).toEqual([]);
      }
    } finally {
      await after.stop();
      await before.stop();
    }
  });
});
