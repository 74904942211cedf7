/** Operators of a database in place of values: every parameter is a string, and names mean nothing but themselves. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Browser } from '../support/browser.js';
import { DEMO_RESOURCE_SERVER, introspect, request, TestClient, type Tokens, tokensOf } from '../support/client.js';
import { registerWith } from '../support/clientRow.js';
import { csrfOf, post } from '../support/forms.js';
import { describeOnEachStore } from '../support/onEachStore.js';
import { Person } from '../support/person.js';
import type { TestServer } from '../support/server.js';

const OPERATORS = [
  '[$ne]',
  '[$gt]',
  '[$regex]',
  '[$where]',
  '[$exists]',
  '[]',
  '[0]',
  '.length',
  '[__proto__]',
  '[$in][]',
];
const VALUES = [
  '{"$ne":null}',
  '{"$gt":""}',
  '{"$where":"sleep(5000)"}',
  '[object Object]',
  '$where',
  '{"$regex":".*"}',
  '*',
  '.*',
];

await describeOnEachStore((stores) => {
  let server: TestServer;
  let client: TestClient;
  let tokens: Tokens;
  beforeAll(async () => {
    server = await stores.start();
    client = await TestClient.register(server);
    tokens = await client.connect();
  });
  afterAll(() => server?.stop());

  const send = (path: string, body: string, headers: Record<string, string> = {}) =>
    request(server.url(path), {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      body,
    });

  describe.each(OPERATORS)('A name with %s', (operator) => {
    test('is no token to introspect, no secret, and no client', async () => {
      expect((await send('/introspect', `token${operator}=x`, DEMO_RESOURCE_SERVER)).status).toBe(400);
      expect((await send('/introspect', `token=x&client_id=demo-mcp-server&client_secret${operator}=`)).status).toBe(
        401,
      );
      expect((await send('/introspect', `token=x&client_id${operator}=x&client_secret${operator}=x`)).status).toBe(401);
    });

    test('is no code, verifier, refresh token or client of a token request', async () => {
      const base = `client_id=${client.clientId}`;
      for (const body of [
        `grant_type=refresh_token&${base}&refresh_token${operator}=`,
        `grant_type=authorization_code&${base}&code${operator}=&code_verifier${operator}=&redirect_uri${operator}=`,
        `grant_type=refresh_token&client_id${operator}=&refresh_token=${tokens.refreshToken}`,
        `grant_type${operator}=refresh_token&${base}&refresh_token=${tokens.refreshToken}`,
      ]) {
        const answer = await send('/token', body);
        expect([400, 401]).toContain(answer.status);
        expect(answer.text).not.toContain('access_token');
      }
    });

    test('is no client of an authorization request', async () => {
      const { url } = client.authorize();
      const page = await new Person().open(url.replace('client_id=', `client_id${encodeURIComponent(operator)}=`));
      expect(`${page.status} ${page.leftFor}`).toBe('400 undefined');
    });

    test('is no email and no password', async () => {
      const browser = new Browser();
      const page = await browser.open(server.url('/login'));
      const body = { csrf_token: csrfOf(page), [`email${operator}`]: 'ada@example.com', [`password${operator}`]: '' };
      expect((await post(browser, page.url, body)).status).toBe(401);
    });
  });

  describe.each(VALUES)('The value %s', (value) => {
    test('finds no token, code, client or account', async () => {
      expect((await introspect(server, value)).text).toBe('{"active":false}');
      expect((await client.refresh(value)).json.error).toBe('invalid_grant');
      expect((await client.exchange(value, 'v'.repeat(43))).json.error).toBe('invalid_grant');
      expect((await client.refresh(tokens.refreshToken, { client_id: value })).status).toBe(401);
      expect((await client.revoke(value)).status).toBe(200);
      const person = new Person(value);
      expect((await person.signIn(await person.open(server.url('/login')), value)).status).toBe(401);
      expect((await person.open(server.url(`/invitations/${encodeURIComponent(value)}`))).status).toBe(404);
    });
  });

  test.each([
    { redirect_uris: { $ne: null } },
    { redirect_uris: [{ $gt: '' }] },
    { redirect_uris: ['http://localhost/'], client_name: { $where: 'sleep(5000)' } },
    { redirect_uris: ['http://localhost/'], 'client.name': 'x', $where: 'sleep(5000)', 'a.b.c': 1 },
    { $set: { redirect_uris: ['http://localhost/'] } },
  ])('A registration of %j leaves strings alone behind, or nothing', async (metadata) => {
    const answer = await registerWith(server, JSON.stringify(metadata));
    expect([201, 400]).toContain(answer.status);
    expect(answer.text).not.toMatch(/\$|sleep|a\.b\.c/);
  });

  test('After all that the connection is what it was', async () => {
    expect((await introspect(server, tokens.accessToken)).json.active).toBe(true);
    expect(tokensOf(await client.refresh(tokens.refreshToken)).accessToken).toBeTruthy();
  });
});
