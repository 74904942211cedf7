/** A refresh token used again after the replay window: somebody else has it (RFC 9700 §4.14). */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { auditLog, signedInPerson } from '../support/audit.js';
import { introspect, TestClient, tokensOf } from '../support/client.js';
import { directory } from '../support/directory.js';
import { describeOnEachStore } from '../support/onEachStore.js';
import type { TestServer } from '../support/server.js';

const INACTIVE = '{"active":false}';
const AFTER_THE_WINDOW_MS = 31_000;

await describeOnEachStore((stores) => {
  let server: TestServer;
  let client: TestClient;
  beforeAll(async () => {
    server = await stores.start();
    client = await TestClient.register(server);
  });
  afterAll(() => server?.stop());

  test('the connection is removed, its tokens are dead, and the audit log says so', async () => {
    const first = await client.connect();
    const { connection_id: connectionId } = (await introspect(server, first.accessToken)).json;
    const second = tokensOf(await client.refresh(first.refreshToken));
    await server.advance(AFTER_THE_WINDOW_MS);
    const reused = await client.refresh(first.refreshToken);
    expect(`${reused.status} ${reused.json.error}`).toBe('400 invalid_grant');
    for (const { accessToken, refreshToken } of [first, second]) {
      expect((await introspect(server, accessToken)).text).toBe(INACTIVE);
      expect((await client.refresh(refreshToken)).json.error).toBe('invalid_grant');
    }
    const events = await auditLog(server, await signedInPerson(server), 'Acme Robotics');
    const ofReuse = events.filter(({ action }) => action === 'connection.refresh-token-reused');
    expect(ofReuse).toEqual([
      expect.objectContaining({ connectionId, actor: expect.objectContaining({ kind: 'client' }) }),
    ]);
  });

  test('the same holds for a token that is several rotations old', async () => {
    const oldest = await client.connect();
    let newest = oldest;
    for (let i = 0; i < 3; i++) newest = tokensOf(await client.refresh(newest.refreshToken));
    await server.advance(AFTER_THE_WINDOW_MS);
    expect((await client.refresh(oldest.refreshToken)).json.error).toBe('invalid_grant');
    expect((await introspect(server, newest.accessToken)).text).toBe(INACTIVE);
  });

  test('as another client a token is refused, used or not, and changes neither itself nor anything else', async () => {
    const [other, own] = [await TestClient.register(server), await TestClient.register(server)];
    const events = async () => (await auditLog(server, await signedInPerson(server), 'Acme Robotics')).length;
    const isRefused = async (refreshToken: string) => {
      const answer = await other.refresh(refreshToken);
      expect(`${answer.status} ${answer.json.error}`).toBe('400 invalid_grant');
      expect(answer.text).toContain('of another client');
    };
    const first = await own.connect();
    await isRefused(first.refreshToken);
    const before = await events();
    await isRefused(first.refreshToken);
    const second = tokensOf(await own.refresh(first.refreshToken));
    await isRefused(first.refreshToken);
    await isRefused(second.refreshToken);
    // Within the window the response of the first use is there as before, for its client alone.
    expect(await events()).toBe(before);
    expect((await own.refresh(first.refreshToken)).text).toBe(second.answer.text);
    await server.advance(AFTER_THE_WINDOW_MS);
    await isRefused(first.refreshToken);
    expect((await introspect(server, second.accessToken)).json.active).toBe(true);
    expect((await own.refresh(second.refreshToken)).status).toBe(200);
  });

  test('while MCP access is off, the refusal removes nothing', async () => {
    const first = await client.connect({ organization: 'Beacon Labs' });
    const second = tokensOf(await client.refresh(first.refreshToken));
    await server.advance(AFTER_THE_WINDOW_MS);
    await directory(server, 'mcp-access', 'off', 'Beacon Labs');
    const refused = await client.refresh(first.refreshToken);
    await directory(server, 'mcp-access', 'on', 'Beacon Labs');
    expect(`${refused.status} ${refused.json.error}`).toBe('403 access_denied');
    expect((await introspect(server, second.accessToken)).json.active).toBe(true);
  });

  test('other connections of the same client and person go on', async () => {
    const [one, two] = [await client.connect(), await client.connect()];
    await client.refresh(one.refreshToken);
    await server.advance(AFTER_THE_WINDOW_MS);
    await client.refresh(one.refreshToken);
    expect((await introspect(server, two.accessToken)).json.active).toBe(true);
  });
});
