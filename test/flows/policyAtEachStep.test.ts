/** MCP access switched off, or membership lost, at each step of a connection's life. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { introspect, TestClient, tokensOf } from '../support/client.js';
import { directory } from '../support/directory.js';
import { clientRedirect, offeredOrganizations, Person } from '../support/person.js';
import { startServer, type TestServer } from '../support/server.js';

// Ada is a member of Beacon Labs and not its owner, so she can lose it.
const ORGANIZATION = 'Beacon Labs';
const choices = { organization: ORGANIZATION };

let server: TestServer;
let client: TestClient;
beforeAll(async () => {
  server = await startServer();
  client = await TestClient.register(server);
});
afterAll(() => server?.stop());

const switchOff = () => directory(server, 'mcp-access', 'off', ORGANIZATION);
const switchOn = () => directory(server, 'mcp-access', 'on', ORGANIZATION);
const leave = () => directory(server, 'members', 'remove', ORGANIZATION, 'ada@example.com');
const rejoin = () => directory(server, 'members', 'add', ORGANIZATION, 'ada@example.com', '--role', 'insights');

const whileOff = async <T>(act: () => Promise<T>): Promise<T> => {
  await switchOff();
  try {
    return await act();
  } finally {
    await switchOn();
  }
};
const whileGone = async <T>(act: () => Promise<T>): Promise<T> => {
  await leave();
  try {
    return await act();
  } finally {
    await rejoin();
  }
};

describe.each([
  ['MCP access is switched off', whileOff],
  ['the person stops being a member', whileGone],
])('when %s', (_cause, meanwhile) => {
  test('before the consent page, the organization is not offered', async () => {
    const page = await meanwhile(() => new Person().openConsent(client.authorize().url));
    const labels = offeredOrganizations(page).map(({ label }) => label);
    expect(labels).toContainEqual(expect.stringContaining('Acme Robotics'));
    expect(labels).not.toContainEqual(expect.stringContaining(ORGANIZATION));
    expect(labels).not.toContainEqual(expect.stringContaining('Closed Circuit'));
  });

  test('between the consent page and its POST, the approval gives no code', async () => {
    const person = new Person();
    const page = await person.openConsent(client.authorize().url);
    const after = await meanwhile(() => person.decide(page, ORGANIZATION));
    expect(after.leftFor?.searchParams.get('code') ?? null).toBeNull();
    expect(after.status).toBeLessThan(500);
    // The person may choose another organization instead.
    expect(clientRedirect(await person.decide(after, 'Acme Robotics')).searchParams.get('code')).not.toBeNull();
  });

  test('before the exchange, the code is refused as invalid_grant', async () => {
    const { code, verifier } = await client.code(choices);
    const refused = await meanwhile(() => client.exchange(code, verifier));
    expect(refused.status).toBe(400);
    expect(refused.json.error).toBe('invalid_grant');
  });

  test('before a refresh, the refresh token is refused as invalid_grant', async () => {
    const { refreshToken } = await client.connect(choices);
    const refused = await meanwhile(() => client.refresh(refreshToken));
    expect(refused.status).toBe(400);
    expect(refused.json.error).toBe('invalid_grant');
  });

  test('before introspection, the answer is exactly {"active":false}', async () => {
    const { accessToken } = await client.connect(choices);
    expect((await introspect(server, accessToken)).json.active).toBe(true);
    const answer = await meanwhile(() => introspect(server, accessToken));
    expect(answer.status).toBe(200);
    expect(answer.text).toBe('{"active":false}');
  });
});

describe('when MCP access is switched on again', () => {
  test('a code that was refused meanwhile was not used up', async () => {
    const { code, verifier } = await client.code(choices);
    await whileOff(() => client.exchange(code, verifier));
    expect((await client.exchange(code, verifier)).status).toBe(200);
  });

  test('a refresh token that was refused meanwhile was not used up, also after the replay window', async () => {
    const { refreshToken } = await client.connect(choices);
    await whileOff(() => client.refresh(refreshToken));
    await server.advance(31_000);
    const refreshed = tokensOf(await client.refresh(refreshToken));
    expect((await introspect(server, refreshed.accessToken)).json.active).toBe(true);
  });

  test('an access token that is still held works again', async () => {
    const { accessToken } = await client.connect(choices);
    await whileOff(() => introspect(server, accessToken));
    expect((await introspect(server, accessToken)).json).toMatchObject({ active: true, org_name: ORGANIZATION });
  });
});

describe('when a person joins again', () => {
  test('nothing of the lost connections revives: code, access token or refresh token', async () => {
    const { code, verifier } = await client.code(choices);
    const { accessToken, refreshToken } = await client.connect(choices);
    await whileGone(async () => undefined);
    expect((await client.exchange(code, verifier)).json.error).toBe('invalid_grant');
    expect((await introspect(server, accessToken)).text).toBe('{"active":false}');
    expect((await client.refresh(refreshToken)).json.error).toBe('invalid_grant');
  });

  test('connections in other organizations never stopped working', async () => {
    const { accessToken } = await client.connect({ organization: 'Acme Robotics' });
    const answer = await whileGone(() => introspect(server, accessToken));
    expect(answer.json.active).toBe(true);
  });

  test('a new connection works', async () => {
    const { accessToken } = await client.connect(choices);
    const answer = await introspect(server, accessToken);
    expect(answer.json).toMatchObject({ active: true, roles: [{ role: 'insights' }] });
  });
});
