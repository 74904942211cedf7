/** A redirect_uri that is almost a registered one: a local error page, never a redirect (RFC 9700 §4.1). */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { request, TestClient } from '../support/client.js';
import { registerWith } from '../support/clientRow.js';
import { Person } from '../support/person.js';
import { startServer, type TestServer } from '../support/server.js';

const WEB = 'https://client.example.com/oauth/callback';
const LOCAL = 'http://127.0.0.1:8765/callback';
const APP = 'cursor://anysphere.cursor-retrieval/oauth/callback';

let server: TestServer;
const clients = new Map<string, TestClient>();
beforeAll(async () => {
  server = await startServer();
  for (const uri of [WEB, LOCAL, APP]) clients.set(uri, await TestClient.register(server, undefined, uri));
});
afterAll(() => server?.stop());

const staysLocal = async (url: string): Promise<void> => {
  const page = await new Person().open(url);
  expect(`${page.status} ${page.leftFor}`).toBe('400 undefined');
  expect(page.headers.get('location')).toBeNull();
  expect(page.headers.get('content-type')).toMatch(/^text\/html/);
  expect(page.html.querySelectorAll('a[href^="http"], meta[http-equiv], form, iframe')).toEqual([]);
};

const VARIANTS: Record<string, Record<string, string>> = {
  [WEB]: {
    'a suffix of the path': `${WEB}/more`,
    'a suffix without a slash': `${WEB}x`,
    'a suffix of the host': 'https://client.example.com.evil.example/oauth/callback',
    'a prefix of the host': 'https://evilclient.example.com/oauth/callback',
    'a subdomain': 'https://evil.client.example.com/oauth/callback',
    'the host in another case': 'https://CLIENT.example.com/oauth/callback',
    'the path in another case': 'https://client.example.com/OAuth/callback',
    'the scheme in another case': 'HTTPS://client.example.com/oauth/callback',
    'dot segments': 'https://client.example.com/oauth/../oauth/callback',
    'encoded dot segments': 'https://client.example.com/oauth/%2e%2e/oauth/callback',
    'an encoded slash': 'https://client.example.com/oauth%2fcallback',
    'a backslash after the host': 'https://client.example.com\\@evil.example/oauth/callback',
    'a backslash in the path': 'https://client.example.com\\oauth\\callback',
    'one @': 'https://client.example.com@evil.example/oauth/callback',
    'several @': 'https://client.example.com@evil.example@client.example.com/oauth/callback',
    'an encoded @': 'https://client.example.com%40evil.example/oauth/callback',
    userinfo: 'https://user:password@client.example.com/oauth/callback',
    'a fragment': `${WEB}#fragment`,
    'an empty fragment': `${WEB}#`,
    'an extra query': `${WEB}?next=https://evil.example`,
    'an empty query': `${WEB}?`,
    'http instead of https': 'http://client.example.com/oauth/callback',
    'another port': 'https://client.example.com:8443/oauth/callback',
    'the default port': 'https://client.example.com:443/oauth/callback',
    'a final dot of the host': 'https://client.example.com./oauth/callback',
    'no scheme': '//client.example.com/oauth/callback',
    'a path alone': '/oauth/callback',
    'a trailing slash': `${WEB}/`,
    'a doubled slash': 'https://client.example.com//oauth/callback',
    'a space before it': ` ${WEB}`,
    'a line break in it': `${WEB}\r\nLocation: https://evil.example`,
    'a tab in it': 'https://client.exa\tmple.com/oauth/callback',
    'a NUL in it': `${WEB}\u0000`,
    'a full-width dot': 'https://client．example．com/oauth/callback',
    'javascript:': 'javascript:alert(document.domain)//https://client.example.com',
    'javascript: in any case': 'JaVaScRiPt:alert(1)',
    'data:': 'data:text/html,<script>alert(1)</script>',
    'data: in any case': 'DaTa:text/html;base64,PHNjcmlwdD4=',
    'vbscript:': 'vbscript:msgbox(1)',
    'file:': 'file:///etc/passwd',
    'blob:': 'blob:https://client.example.com/x',
  },
  [LOCAL]: {
    'another path on the same port': 'http://127.0.0.1:8765/other',
    'another path on another port': 'http://127.0.0.1:9999/other',
    'a remote host that begins like it': 'http://127.0.0.1.evil.example:8765/callback',
    'a remote host behind an @': 'http://127.0.0.1:8765@evil.example/callback',
    'a remote http host': 'http://evil.example:8765/callback',
    'a private address': 'http://192.168.0.1:8765/callback',
    'all addresses': 'http://0.0.0.0:8765/callback',
    'localhost, which was not registered': 'http://localhost:8765/callback',
    'the decimal spelling': 'http://2130706433:8765/callback',
    'https instead of http': 'https://127.0.0.1:8765/callback',
    'an extra query on another port': 'http://127.0.0.1:9999/callback?x=1',
    userinfo: 'http://user@127.0.0.1:8765/callback',
  },
  [APP]: {
    'another host of the same app': 'cursor://evil/oauth/callback',
    'another app': 'evil://anysphere.cursor-retrieval/oauth/callback',
    'the scheme alone': 'cursor:',
    'a web page': 'https://anysphere.cursor-retrieval/oauth/callback',
  },
};

describe.each(Object.keys(VARIANTS))('Of the registered %s', (registered) => {
  test.each(Object.entries(VARIANTS[registered] ?? {}))(
    '%s is refused on a local page',
    async (_what, redirect_uri) => {
      const client = clients.get(registered) as TestClient;
      await staysLocal(client.authorize({ redirect_uri }).url);
      // Also when there is an error that would otherwise be sent to the client.
      await staysLocal(client.authorize({ redirect_uri, response_type: 'token' }).url);
    },
  );

  test('a duplicate is refused on a local page, whichever comes first', async () => {
    const { url } = (clients.get(registered) as TestClient).authorize();
    await staysLocal(`${url}&redirect_uri=${encodeURIComponent('https://evil.example/')}`);
    await staysLocal(url.replace('?', `?redirect_uri=${encodeURIComponent('https://evil.example/')}&`));
    await staysLocal(`${url}&redirect_uri=${encodeURIComponent(registered)}`);
  });

  test.each([undefined, ''])('leaving it out (%j) leads to the registered one or to nobody', async (redirect_uri) => {
    const { url } = (clients.get(registered) as TestClient).authorize({ redirect_uri, prompt: 'none' });
    const page = await new Person().open(url);
    if (page.leftFor) expect(page.leftFor.href.startsWith(registered)).toBe(true);
    else expect(page.status).toBe(400);
  });
});

test('what a loopback client may vary is the port, and nothing else (RFC 8252 §7.3)', async () => {
  const { url } = (clients.get(LOCAL) as TestClient).authorize({ redirect_uri: 'http://127.0.0.1:9999/callback' });
  expect((await new Person().open(url)).url.pathname).toBe('/login');
});

test.each([
  'javascript:alert(1)',
  'JaVaScRiPt:alert(1)',
  'data:text/html,x',
  'DATA:text/html,x',
  'vbscript:x',
  'file:///etc/passwd',
  'http://evil.example/callback',
  'http://127.0.0.1@evil.example/callback',
  'https://client.example.com/#',
  'https://user:pw@client.example.com/',
  'https://client.example.com\\@evil.example/',
  ' https://client.example.com/',
])('%j cannot even be registered', async (uri) => {
  const answer = await registerWith(server, JSON.stringify({ redirect_uris: [uri] }));
  expect(answer.status).toBe(400);
});

test('POST to /authorize redirects nobody either', async () => {
  const { url } = (clients.get(WEB) as TestClient).authorize({ redirect_uri: 'https://evil.example/' });
  const answer = await request(server.url('/authorize'), { method: 'POST', body: new URL(url).searchParams });
  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect(answer.status).toBeLessThan(500);
  expect(answer.headers.get('location')).toBeNull();
});
