/** An authorization code used twice, one after the other (RFC 6749 §4.1.2, §10.5). */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { introspect, TestClient, tokensOf } from '../support/client.js';
import { describeOnEachStore } from '../support/onEachStore.js';
import type { TestServer } from '../support/server.js';

const INACTIVE = '{"active":false}';

await describeOnEachStore((stores) => {
  let server: TestServer;
  let client: TestClient;
  beforeAll(async () => {
    server = await stores.start();
    client = await TestClient.register(server);
  });
  afterAll(() => server?.stop());

  test('the second use is invalid_grant, and every token of the connection is dead', async () => {
    const { code, verifier } = await client.code();
    const first = tokensOf(await client.exchange(code, verifier));
    const refreshed = tokensOf(await client.refresh(first.refreshToken));
    const second = await client.exchange(code, verifier);
    expect(`${second.status} ${second.json.error}`).toBe('400 invalid_grant');
    for (const token of [first.accessToken, refreshed.accessToken])
      expect((await introspect(server, token)).text).toBe(INACTIVE);
    for (const token of [first.refreshToken, refreshed.refreshToken])
      expect((await client.refresh(token)).json.error).toBe('invalid_grant');
  });

  test('a thief who comes first ends both: the owner is refused, and what the thief got is dead', async () => {
    const { code, verifier } = await client.code();
    const thief = tokensOf(await client.exchange(code, verifier));
    expect((await client.exchange(code, verifier)).status).toBe(400);
    expect((await introspect(server, thief.accessToken)).text).toBe(INACTIVE);
  });

  test('a third use is refused as well', async () => {
    const { code, verifier } = await client.code();
    await client.exchange(code, verifier);
    await client.exchange(code, verifier);
    expect((await client.exchange(code, verifier)).json.error).toBe('invalid_grant');
  });

  test('a second use by somebody who lacks the verifier, or is another client, ends nothing', async () => {
    const { code, verifier } = await client.code();
    const { accessToken } = tokensOf(await client.exchange(code, verifier));
    const other = await TestClient.register(server);
    expect((await client.exchange(code, 'w'.repeat(43))).json.error).toBe('invalid_grant');
    expect((await other.exchange(code, verifier)).json.error).toBe('invalid_grant');
    expect((await introspect(server, accessToken)).json.active).toBe(true);
  });
});
