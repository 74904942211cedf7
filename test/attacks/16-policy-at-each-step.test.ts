/** MCP access switched off, or membership lost, between any two steps: refused at the next one (docs/rules.md, 1). */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Page } from '../support/browser.js';
import { type Answer, introspect, request, TestClient, tokensOf } from '../support/client.js';
import { directory } from '../support/directory.js';
import { describeOnEachStore } from '../support/onEachStore.js';
import { clientRedirect, offeredOrganizations, Person } from '../support/person.js';
import type { TestServer } from '../support/server.js';

// It waits for other processes, on machines that may have other things to do.
jest.setTimeout(120_000);

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

  // What can be switched on again tells a client to wait, what is over tells it to authorize again (docs/rules.md, 3).
  describe.each([
    ['switched off', whileOff, '403 access_denied'],
    ['lost', whileGone, '400 invalid_grant'],
  ])('%s', (_how, meanwhile, atRefresh) => {
    let atPage: Page;
    let atPost: Page;
    let elsewhere: Page;
    let refused: Record<'exchange' | 'refresh' | 'replay' | 'introspection' | 'userinfo', Answer>;
    beforeAll(async () => {
      const [early, asked] = [new Person(), new Person()];
      // Of another client: a page whose client connected meanwhile is shown again for that reason.
      const page = await asked.openConsent((await TestClient.register(server)).authorize().url);
      const { code, verifier } = await client.code(choices);
      const unused = await client.connect(choices);
      const used = await client.connect(choices);
      tokensOf(await client.refresh(used.refreshToken));
      const { accessToken } = await client.connect(choices, { scope: 'openid mcp:read' });
      const bearer = { authorization: `Bearer ${accessToken}` };
      await meanwhile(async () => {
        atPage = await early.openConsent(client.authorize().url);
        atPost = await asked.decide(page, ORGANIZATION);
        refused = {
          exchange: await client.exchange(code, verifier),
          refresh: await client.refresh(unused.refreshToken),
          replay: await client.refresh(used.refreshToken),
          introspection: await introspect(server, accessToken),
          userinfo: await request(server.url('/userinfo'), { headers: bearer }),
        };
      });
      elsewhere = await asked.decide(atPost, 'Acme Robotics');
    });
    const offers = (page: Page): string =>
      offeredOrganizations(page)
        .map(({ label }) => label)
        .join();

    test('before the page: the organization is not offered', () => {
      expect(offers(atPage)).toContain('Acme Robotics');
      expect(offers(atPage)).not.toContain(ORGANIZATION);
      // Where it was off all along.
      expect(offers(atPage)).not.toContain('Closed Circuit');
    });

    test('between page and POST: refused, and the picker is shown again with what is left', () => {
      expect(`${atPost.status} ${atPost.leftFor}`).toBe('403 undefined');
      expect(offers(atPost)).toContain('Acme Robotics');
      expect(offers(atPost)).not.toContain(ORGANIZATION);
      expect(clientRedirect(elsewhere).searchParams.get('code')).toBeTruthy();
    });

    test('before the exchange of a code: invalid_grant', () => {
      expect(`${refused.exchange.status} ${refused.exchange.json.error}`).toBe('400 invalid_grant');
    });

    test.each(['refresh', 'replay'] as const)(`before the %s of a token: ${atRefresh}`, (step) => {
      expect(`${refused[step].status} ${refused[step].json.error}`).toBe(atRefresh);
    });

    test('before introspection: exactly {"active":false}', () => {
      expect(`${refused.introspection.status} ${refused.introspection.text}`).toBe('200 {"active":false}');
    });

    test('before UserInfo: 401', () => {
      expect(refused.userinfo.status).toBe(401);
    });
  });

  test('switched on again, what was refused was not used up, and a token that is still held works', async () => {
    const { code, verifier } = await client.code(choices);
    await whileOff(() => client.exchange(code, verifier));
    const tokens = tokensOf(await client.exchange(code, verifier));
    const held = () => introspect(server, tokens.accessToken);
    expect((await whileOff(held)).json.active).toBe(false);
    expect((await held()).json).toMatchObject({ active: true, org_name: ORGANIZATION });
    const off = await whileOff(() => client.refresh(tokens.refreshToken));
    expect(off.json.error_description).toMatch(
      /^MCP access is switched off for this organization: .+ account admin .+/,
    );
    await server.advance(31_000);
    expect((await client.refresh(tokens.refreshToken)).status).toBe(200);
  });

  test('while it is off, what is over is still said to be over, and learns nothing of the switch', async () => {
    const removed = await client.connect(choices);
    await client.revoke(removed.refreshToken);
    const left = await client.connect(choices);
    const other = await TestClient.register(server);
    const held = await client.connect({ organization: 'Acme Robotics' });
    await whileOff(async () => {
      const errors = [
        await client.refresh(removed.refreshToken),
        await other.refresh(left.refreshToken),
        await client.refresh(`${left.refreshToken}x`),
        await whileGone(() => client.refresh(left.refreshToken)),
      ].map(({ status, json }) => `${status} ${json.error}`);
      expect(errors).toEqual(Array(4).fill('400 invalid_grant'));
      expect((await client.refresh(held.refreshToken)).status).toBe(200);
    });
  });

  test('a member again, nothing of before revives; other organizations never noticed, and a new connection works', async () => {
    const { code, verifier } = await client.code(choices);
    const { accessToken, refreshToken } = await client.connect(choices);
    const elsewhere = await client.connect({ organization: 'Acme Robotics' });
    const meanwhile = await whileGone(() => introspect(server, elsewhere.accessToken));
    expect(meanwhile.json.active).toBe(true);
    expect((await client.exchange(code, verifier)).json.error).toBe('invalid_grant');
    expect((await introspect(server, accessToken)).text).toBe('{"active":false}');
    expect((await client.refresh(refreshToken)).json.error).toBe('invalid_grant');
    const anew = await client.connect(choices);
    expect((await introspect(server, anew.accessToken)).json).toMatchObject({
      active: true,
      roles: [{ role: 'insights' }],
    });
  });
});
