/** The sign-in page says what one signs in for. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Browser } from '../support/browser.js';
import { TestClient } from '../support/client.js';
import { startServer, type TestServer } from '../support/server.js';
import { words } from './organizationVisit.js';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server?.stop());

const stranger = () => new Browser();

test('it names the client that waits, also after a wrong password', async () => {
  const client = await TestClient.register(server);
  const browser = stranger();
  const page = await browser.open(client.authorize().url);
  expect(words(page, '.lead')).toBe('to connect Raw test client');
  const refused = await browser.submit(page, 'input[name=password]', { email: 'ada@example.com', password: 'wrong' });
  expect([refused.status, words(refused, '.lead')]).toEqual([401, 'to connect Raw test client']);
});

test.each(['', '?return_to=/account', '?return_to=/interaction/AAAAAAAAAAAAAAAAAAAAA'])(
  'with no client that waits it names none: /login%s',
  async (query) => {
    const page = await stranger().open(server.url(`/login${query}`));
    expect([page.status, words(page, '.lead')]).toEqual([200, 'to see and manage your MCP connections']);
  },
);
