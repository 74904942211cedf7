/** A clean-up that lags: what is over is refused because its time is over, not because its record is gone. */
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { auditLog, organizationPath, signedInPerson } from '../support/audit.js';
import { introspect, request, TestClient, tokensOf } from '../support/client.js';
import { csrfOf, post } from '../support/forms.js';
import { describeOnEachStore } from '../support/onEachStore.js';
import { Person } from '../support/person.js';
import type { TestServer } from '../support/server.js';

// It waits for other processes, on machines that may have other things to do.
jest.setTimeout(120_000);

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;

// Only the server's clock moves: neither its own clean-up nor that of MongoDB or Redis comes round in between.
await describeOnEachStore((stores) => {
  let server: TestServer;
  let client: TestClient;
  beforeAll(async () => {
    server = await stores.start();
    client = await TestClient.register(server);
  });
  afterAll(() => server?.stop());

  test('an access token after its hour', async () => {
    const { accessToken } = await client.connect({}, { scope: 'openid mcp:read' });
    await server.advance(3_600 * SECOND + SECOND);
    expect((await introspect(server, accessToken)).text).toBe('{"active":false}');
    const headers = { authorization: `Bearer ${accessToken}` };
    expect((await request(server.url('/userinfo'), { headers })).status).toBe(401);
  });

  test('a code after its five minutes', async () => {
    const { code, verifier } = await client.code();
    await server.advance(301 * SECOND);
    expect((await client.exchange(code, verifier)).json.error).toBe('invalid_grant');
  });

  test('the kept answer to a refresh after the replay window', async () => {
    const { refreshToken } = await client.connect();
    tokensOf(await client.refresh(refreshToken));
    await server.advance(31 * SECOND);
    expect((await client.refresh(refreshToken)).json.error).toBe('invalid_grant');
  });

  test('an authorization that waited for more than an hour', async () => {
    const person = new Person();
    const page = await person.openConsent(client.authorize().url);
    await server.advance(61 * MINUTE);
    expect((await person.open(page.url)).status).toBe(400);
    expect((await person.decide(page, 'Acme Robotics')).status).toBe(403);
  });

  test('a sign-in session after two weeks', async () => {
    const person = await signedInPerson(server);
    await server.advance(14 * DAY + MINUTE);
    expect((await person.open(server.url('/account'))).url.pathname).toBe('/login');
  });

  test('an invitation after seven days', async () => {
    const ada = await signedInPerson(server);
    const path = await organizationPath(server, ada, 'Acme Robotics');
    const add = await ada.open(`${path}/members/add`);
    const fields = { csrf_token: csrfOf(add), email: 'late@example.com', 'role:insights': 'on' };
    await post(ada.browser, `${path}/members/add`, fields);
    const link =
      (await ada.open(`${path}/members?done=link`)).html.querySelector('#invitation-link')?.textContent ?? '';
    expect((await new Person().open(link)).status).toBe(200);
    await server.advance(7 * DAY + MINUTE);
    expect((await new Person().open(link)).status).toBe(404);
  });

  test('a registration that nobody used, after a day', async () => {
    const unused = await TestClient.register(server);
    await server.advance(DAY + MINUTE);
    expect((await new Person().open(unused.authorize().url)).status).toBe(400);
  });

  test('a connection after its month, with every token below it', async () => {
    const fresh = await TestClient.register(server);
    const { refreshToken } = await fresh.connect();
    await server.advance(31 * DAY + MINUTE);
    expect((await fresh.refresh(refreshToken)).json.error).toBe('invalid_grant');
    const person = await signedInPerson(server);
    expect((await person.open(server.url('/account/connections'))).html.textContent).not.toContain(fresh.clientId);
    expect((await auditLog(server, person, 'Acme Robotics')).length).toBeGreaterThan(0);
  });

  test('a limit after its window, so that nobody is kept out by a record that is left', async () => {
    for (let n = 0; n < 11; n++) {
      const person = new Person('grace@example.com');
      await person.signIn(await person.open(server.url('/login')), 'wrong');
    }
    const slowed = new Person('grace@example.com');
    expect((await slowed.signIn(await slowed.open(server.url('/login')))).status).toBe(429);
  });
});
