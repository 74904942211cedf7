/** MCP access switched off, or membership lost, between any two steps: refused at the next one (DESIGN: rule 1). */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { introspect, request, TestClient, tokensOf } from '../support/client.js';
import { directory } from '../support/directory.js';
import { describeOnEachStore } from '../support/onEachStore.js';
import { clientRedirect, offeredOrganizations, Person } from '../support/person.js';
import type { TestServer } from '../support/server.js';

// Ada is a member of Beacon Labs and not its owner, so she can lose it.
const ORGANIZATION = 'Beacon Labs';
const choices = { organization: ORGANIZATION };

await describeOnEachStore((stores) => {
  let server: TestServer;
  let client: TestClient;
  beforeAll(async () => {
    server = await stores.start();
    client = await TestClient.register(server);
  });
  afterAll(() => server?.stop());

  const whileOff = async <T>(act: () => Promise<T>): Promise<T> => {
    await directory(server, 'mcp-access', 'off', ORGANIZATION);
    try {
      return await act();
    } finally {
      await directory(server, 'mcp-access', 'on', ORGANIZATION);
    }
  };
  const whileGone = async <T>(act: () => Promise<T>): Promise<T> => {
    await directory(server, 'members', 'remove', ORGANIZATION, 'ada@example.com');
    try {
      return await act();
    } finally {
      await directory(server, 'members', 'add', ORGANIZATION, 'ada@example.com', '--role', 'insights');
    }
  };

  describe.each([
    ['switched off', whileOff],
    ['lost', whileGone],
  ])('%s', (_how, meanwhile) => {
    test('before the page: the organization is not offered', async () => {
      const page = await meanwhile(() => new Person().openConsent(client.authorize().url));
      const labels = offeredOrganizations(page).map(({ label }) => label);
      expect(labels.join()).toContain('Acme Robotics');
      expect(labels.join()).not.toContain(ORGANIZATION);
    });

    test('between page and POST: refused, and the picker is shown again with what is left', async () => {
      const person = new Person();
      const page = await person.openConsent(client.authorize().url);
      const again = await meanwhile(() => person.decide(page, ORGANIZATION));
      expect(again.status).toBe(403);
      expect(again.leftFor).toBeUndefined();
      const labels = offeredOrganizations(again).map(({ label }) => label);
      expect(labels.join()).toContain('Acme Robotics');
      expect(labels.join()).not.toContain(ORGANIZATION);
      expect(clientRedirect(await person.decide(again, 'Acme Robotics')).searchParams.get('code')).toBeTruthy();
    });

    test('between POST and exchange: invalid_grant', async () => {
      const { code, verifier } = await client.code(choices);
      const refused = await meanwhile(() => client.exchange(code, verifier));
      expect(`${refused.status} ${refused.json.error}`).toBe('400 invalid_grant');
    });

    test('before a refresh: invalid_grant', async () => {
      const { refreshToken } = await client.connect(choices);
      const refused = await meanwhile(() => client.refresh(refreshToken));
      expect(`${refused.status} ${refused.json.error}`).toBe('400 invalid_grant');
    });

    test('before the repeat of a refresh inside the window: invalid_grant', async () => {
      const { refreshToken } = await client.connect(choices);
      tokensOf(await client.refresh(refreshToken));
      expect((await meanwhile(() => client.refresh(refreshToken))).json.error).toBe('invalid_grant');
    });

    test('before introspection and UserInfo: inactive, 401', async () => {
      const { accessToken } = await client.connect(choices, { scope: 'openid mcp:read' });
      expect((await introspect(server, accessToken)).json.active).toBe(true);
      const [answer, info] = await meanwhile(async () => [
        await introspect(server, accessToken),
        await request(server.url('/userinfo'), { headers: { authorization: `Bearer ${accessToken}` } }),
      ]);
      expect(answer?.text).toBe('{"active":false}');
      expect(info?.status).toBe(401);
    });
  });

  test('switched on again, what was refused was not used up', async () => {
    const { code, verifier } = await client.code(choices);
    await whileOff(() => client.exchange(code, verifier));
    const tokens = tokensOf(await client.exchange(code, verifier));
    await whileOff(() => client.refresh(tokens.refreshToken));
    await server.advance(31_000);
    expect((await client.refresh(tokens.refreshToken)).status).toBe(200);
  });

  test('a member again, nothing of before revives', async () => {
    const { code, verifier } = await client.code(choices);
    const { accessToken, refreshToken } = await client.connect(choices);
    await whileGone(async () => undefined);
    expect((await client.exchange(code, verifier)).json.error).toBe('invalid_grant');
    expect((await introspect(server, accessToken)).text).toBe('{"active":false}');
    expect((await client.refresh(refreshToken)).json.error).toBe('invalid_grant');
  });
});
