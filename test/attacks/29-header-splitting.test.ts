/** Line breaks in what this server writes into headers, logs and pages: no second header, no second line. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { signedInPerson } from '../support/audit.js';
import { TestClient } from '../support/client.js';
import { registerWith } from '../support/clientRow.js';
import { Person } from '../support/person.js';
import { rawRequest, sendRaw } from '../support/raw.js';
import { startServer, type TestServer } from '../support/server.js';

const BREAKS = ['\r\n', '\n', '\r', '\u2028', '\u0085', '嘊', '\0', '%0d%0a', '%E5%98%8A'];

let server: TestServer;
let client: TestClient;
beforeAll(async () => {
  server = await startServer({ env: { LOG_LEVEL: 'trace' } });
  client = await TestClient.register(server);
});
afterAll(() => server?.stop());

const isWhole = (headers: Headers): void => {
  expect(headers.has('x-split')).toBe(false);
  for (const line of headers.getSetCookie()) expect(line).not.toMatch(/split/i);
  for (const [, value] of headers) expect(value).not.toMatch(/[\r\n\0]/);
};

describe.each(BREAKS)('%j', (lineBreak) => {
  const value = `x${lineBreak}X-Split: 1${lineBreak}Set-Cookie: split=1${lineBreak}${lineBreak}<script>split</script>`;

  test('in state comes back as it was, in the address alone', async () => {
    for (const overrides of [{ state: value }, { state: value, prompt: 'none' }]) {
      const person = new Person();
      const page = await person.openConsent(client.authorize(overrides).url);
      const last = page.leftFor ? page : await person.decide(page, 'Acme Robotics');
      isWhole(last.headers);
      // Characters that cannot stand in a parameter may be refused instead.
      if (last.leftFor?.searchParams.has('state')) expect(last.leftFor.searchParams.get('state')).toBe(value);
      expect(last.status).toBeLessThan(500);
    }
  });

  test.each(['redirect_uri', 'client_id', 'scope', 'resource', 'prompt', 'response_mode', 'nonce', 'login_hint'])(
    'in %s of an authorization request splits nothing',
    async (name) => {
      const page = await new Person().open(client.authorize({ [name]: value }).url);
      isWhole(page.headers);
      expect(page.status).toBeLessThan(500);
    },
  );

  test('in a redirect URI cannot be registered, and in a name is taken out', async () => {
    const address = `http://127.0.0.1:8765/${value}`;
    if (/[\r\n\0\u0085\u2028]/.test(lineBreak)) {
      const refused = await registerWith(server, JSON.stringify({ redirect_uris: [address] }));
      expect(refused.status).toBe(400);
    }
    const { json, headers } = await registerWith(
      server,
      JSON.stringify({ redirect_uris: [client.redirectUri], client_name: value }),
    );
    isWhole(headers);
    expect(String(json.client_name)).not.toMatch(/[\r\n\0\u0085\u2028]/);
  });

  test('in return_to, in the name of an organization and in that of a download splits nothing', async () => {
    const ada = await signedInPerson(server);
    isWhole((await ada.open(server.url(`/login?return_to=${encodeURIComponent(`/account/${value}`)}`))).headers);
    const form = await ada.open(server.url('/organizations/new'));
    const made = await ada.browser.submit(form, 'input[name=name]', { name: value });
    isWhole(made.headers);
    expect(made.status).toBeLessThan(500);
    const path = made.url.href.replace(/\/settings.*/, '');
    if (made.status === 200) isWhole((await ada.open(`${path}/audit.json`)).headers);
  });
});

test.each([
  '/%0d%0aX-Split:%201',
  '/account%0d%0aX-Split:%201',
  '/login?return_to=/account%0d%0aX-Split:%201',
  '/authorize?state=%0d%0aX-Split:1',
])('the address %s splits nothing', async (target) => {
  const { head, status } = await sendRaw(server.port, rawRequest('GET', target, ['Accept: text/html']));
  expect(head).not.toMatch(/^x-split/im);
  expect(status).toBeLessThan(500);
});

test('every line of the log is one JSON object, whatever stood in the requests', () => {
  const lines = server
    .output()
    .split('\n')
    .filter((line) => line.startsWith('{'));
  expect(lines.length).toBeGreaterThan(50);
  for (const line of lines) expect(() => JSON.parse(line)).not.toThrow();
  expect(server.output()).not.toMatch(/^(X-Split|Set-Cookie)/m);
});
