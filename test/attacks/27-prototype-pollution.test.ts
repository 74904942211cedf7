/** Names that mean something to JavaScript: they change no object but the one that they stand in. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Browser } from '../support/browser.js';
import { introspect, request, TestClient } from '../support/client.js';
import { registerWith } from '../support/clientRow.js';
import { csrfOf, post } from '../support/forms.js';
import { describeOnEachStore } from '../support/onEachStore.js';
import { Person } from '../support/person.js';
import type { TestServer } from '../support/server.js';

const NAMES = [
  '__proto__',
  'constructor',
  'prototype',
  '__defineGetter__',
  'hasOwnProperty',
  'toString',
  'valueOf',
  'then',
];
const PATHS = [
  '__proto__[active]',
  '__proto__.active',
  'constructor[prototype][active]',
  'constructor.prototype.active',
  '__proto__[client_secret]',
  '__proto__[redirect_uris][]',
  '__proto__[client_id]',
];

await describeOnEachStore((stores) => {
  let server: TestServer;
  let client: TestClient;
  let before: unknown;
  beforeAll(async () => {
    server = await stores.start();
    client = await TestClient.register(server);
    before = await seen();
  });
  afterAll(() => server?.stop());

  /** What a polluted prototype would change: default values, what is listed, what is allowed. */
  const seen = async (): Promise<unknown> => {
    const metadata = await request(server.url('/.well-known/oauth-authorization-server'));
    const registered = await registerWith(server, '{"redirect_uris":["http://localhost/callback"]}');
    const evil = await new Person().open(client.authorize({ redirect_uri: 'https://evil.example/' }).url);
    return {
      metadata: metadata.text,
      registered: { ...registered.json, client_id: '', client_id_issued_at: 0 },
      names: Object.keys(registered.json),
      inactive: (await introspect(server, 'x')).text,
      unauthenticated: (await introspect(server, 'x', {})).status,
      evil: evil.status,
    };
  };

  describe.each([...NAMES, ...PATHS])('%s', (name) => {
    test('as a parameter of every endpoint and form changes nothing', async () => {
      const body = `${encodeURIComponent(name)}=https://evil.example/&grant_type=refresh_token&client_id=${name}&token=${name}`;
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      for (const path of ['/token', '/revoke', '/introspect']) {
        const { status } = await request(server.url(path), { method: 'POST', headers, body });
        expect(status).toBeGreaterThanOrEqual(400);
        expect(status).toBeLessThan(500);
      }
      const page = await new Person().open(`${client.authorize().url}&${encodeURIComponent(name)}=1`);
      expect(page.status).toBe(200);
      const browser = new Browser();
      const login = await browser.open(server.url('/login'));
      const posted = await post(browser, login.url, {
        csrf_token: csrfOf(login),
        [name]: 'x',
        email: name,
        password: name,
      });
      expect(posted.status).toBe(401);
      expect(await seen()).toEqual(before);
    });
  });

  describe.each(NAMES)('%s', (name) => {
    test('is no client, token, resource, scope, grant type, page or connection', async () => {
      expect((await introspect(server, name)).text).toBe('{"active":false}');
      expect((await client.refresh(name)).json.error).toBe('invalid_grant');
      expect((await client.token({ grant_type: name })).status).toBe(400);
      for (const parameter of ['resource', 'response_type', 'response_mode', 'code_challenge_method']) {
        const page = await new Person().open(client.authorize({ [parameter]: name }).url);
        const outcome = page.leftFor ? page.leftFor.searchParams.get('error') : page.status;
        expect(`${parameter}: ${outcome}`).toMatch(/: (400|invalid_\w+|unsupported_\w+)$/);
      }
      const consent = await new Person().openConsent(client.authorize({ scope: `mcp:read ${name}` }).url);
      expect(consent.status).toBe(200);
      expect(consent.html.querySelectorAll('.ability')).toHaveLength(1);
      for (const path of [`/${name}`, `/assets/${name}`, `/invitations/${name}`, `/interaction/${name}`])
        expect((await new Person().open(server.url(path))).status).toBeGreaterThanOrEqual(400);
    });
  });

  test.each([
    '{"__proto__":{"redirect_uris":["https://evil.example/"]},"redirect_uris":["http://localhost/callback"]}',
    '{"constructor":{"prototype":{"active":true}},"redirect_uris":["http://localhost/callback"]}',
    '{"redirect_uris":["http://localhost/callback"],"client_name":{"__proto__":{"x":1}}}',
    '{"redirect_uris":{"__proto__":["https://evil.example/"],"length":1,"0":"https://evil.example/"}}',
    '{"__proto__":null,"redirect_uris":["http://localhost/callback"]}',
    '{"__proto__":["https://evil.example/"]}',
  ])('the registration %s changes nothing for anybody', async (body) => {
    const answer = await registerWith(server, body);
    expect([201, 400]).toContain(answer.status);
    expect(answer.text).not.toContain('evil.example');
    expect(await seen()).toEqual(before);
  });
});
