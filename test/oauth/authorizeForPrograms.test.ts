/** /authorize asked by a program: errors as JSON, which some clients act on; browsers get pages. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { request, TestClient } from '../support/client.js';
import { startServer, type TestServer } from '../support/server.js';

let server: TestServer;
let client: TestClient;
beforeAll(async () => {
  server = await startServer();
  client = await TestClient.register(server);
});
afterAll(() => server?.stop());

const urls = (): [string, string, number, string][] => [
  [
    'an unknown client',
    TestClient.known(server, 'dcr_unknown', 'http://127.0.0.1:1/cb').authorize().url,
    400,
    'invalid_client',
  ],
  [
    'a redirect URI of another client',
    TestClient.known(server, client.clientId, 'https://other.example/cb').authorize().url,
    400,
    'invalid_redirect_uri',
  ],
  ['two clients', `${client.authorize().url}&client_id=other`, 400, 'invalid_request'],
  ['no client', `${server.url('/authorize')}?response_type=code`, 400, 'invalid_request'],
];
const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';

describe.each(['application/json', '*/*', 'application/json, text/plain, */*'])('With Accept: %s', (accept) => {
  test('an error that no client is sent is JSON', async () => {
    for (const [what, url, status, error] of urls()) {
      const answer = await request(url, { headers: { accept } });
      expect(`${what} ${answer.status} ${answer.json.error}`).toBe(`${what} ${status} ${error}`);
      expect(answer.json.error_description).toMatch(/\w/);
      expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
    }
  });
});

test('A browser gets a page', async () => {
  for (const [what, url, status] of urls()) {
    const answer = await request(url, { headers: { accept: BROWSER } });
    expect(`${what} ${answer.status}`).toBe(`${what} ${status}`);
    expect(answer.headers.get('content-type')).toMatch(/^text\/html/);
    expect(answer.text).toMatch(/What you can do/);
  }
});
