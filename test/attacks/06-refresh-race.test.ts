/** A refresh token used many times at once inside the replay window, on two servers: an honest client with bad luck. */
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { type Answer, form, introspect, request, TestClient, tokensOf } from '../support/client.js';
import { describeOnEachStore } from '../support/onEachStore.js';
import type { TestServer } from '../support/server.js';

// It waits for other processes, on machines that may have other things to do.
jest.setTimeout(120_000);

const TIMES = 50;

await describeOnEachStore((stores) => {
  let servers: [TestServer, TestServer];
  let client: TestClient;
  beforeAll(async () => {
    const first = await stores.start();
    servers = [first, await stores.startBeside(first)];
    client = await TestClient.register(first);
  });
  afterAll(async () => {
    await servers?.[1].stop();
    await servers?.[0].stop();
  });

  const refreshAt = (n: number, refreshToken: string, scope?: string): Promise<Answer> =>
    request(`http://localhost:${servers[n % 2 === 0 ? 0 : 1].port}/token`, {
      method: 'POST',
      body: form({ grant_type: 'refresh_token', client_id: client.clientId, refresh_token: refreshToken, scope }),
    });
  const manyAtOnce = (refreshToken: string, scope: (n: number) => string | undefined = () => undefined) =>
    Promise.all(Array.from({ length: TIMES }, (_, n) => refreshAt(n, refreshToken, scope(n))));

  test('all get the very same response, and what it holds works', async () => {
    let { refreshToken } = await client.connect();
    for (let round = 0; round < 2; round++) {
      const answers = await manyAtOnce(refreshToken);
      expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
      const tokens = tokensOf(answers[0] as Answer);
      expect((await introspect(servers[0], tokens.accessToken)).json.active).toBe(true);
      refreshToken = tokens.refreshToken;
    }
  });

  test('a repeat that comes later, still inside the window, gets it too', async () => {
    const { refreshToken } = await client.connect();
    const [first] = await manyAtOnce(refreshToken);
    await Promise.all(servers.map((server) => server.advance(25_000)));
    expect((await refreshAt(1, refreshToken)).text).toBe(first?.text);
  });

  test('repeats that ask for other scopes get nothing that the first did not', async () => {
    const { refreshToken } = await client.connect();
    const answers = await manyAtOnce(refreshToken, (n) => (n % 3 === 0 ? 'mcp:read' : undefined));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    const wider = await refreshAt(0, refreshToken, 'mcp:read openid');
    expect(wider.json.error).toBe('invalid_scope');
  });
});
