/** A code used fifty times at once, on two servers: one redeems it, the others are reuse (RFC 6749 §4.1.2). */
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { auditLog, signedInPerson } from '../support/audit.js';
import { type Answer, form, introspect, request, TestClient, tokensOf } from '../support/client.js';
import { describeOnEachStore } from '../support/onEachStore.js';
import type { Person } from '../support/person.js';
import type { TestServer } from '../support/server.js';

// It waits for other processes, on machines that may have other things to do.
jest.setTimeout(120_000);

const TIMES = 50;

await describeOnEachStore((stores) => {
  let servers: [TestServer, TestServer];
  let client: TestClient;
  let ada: Person;
  beforeAll(async () => {
    const first = await stores.start();
    servers = [first, await stores.startBeside(first)];
    client = await TestClient.register(first);
    ada = await signedInPerson(first);
  });
  afterAll(async () => {
    await servers?.[1].stop();
    await servers?.[0].stop();
  });

  const exchangeAt = (port: number, code: string, verifier: string): Promise<Answer> =>
    request(`http://localhost:${port}/token`, {
      method: 'POST',
      body: form({
        grant_type: 'authorization_code',
        client_id: client.clientId,
        redirect_uri: client.redirectUri,
        code,
        code_verifier: verifier,
      }),
    });

  test.each([1, 2, 3, 4])('exactly one gets tokens, and the connection is dead afterwards (round %i)', async () => {
    const { code, verifier } = await client.code();
    const [consent] = await auditLog(servers[0], ada, 'Acme Robotics');
    const answers = await Promise.all(
      Array.from({ length: TIMES }, (_, n) => exchangeAt(servers[n % 2 === 0 ? 0 : 1].port, code, verifier)),
    );
    const won = answers.filter(({ status }) => status === 200);
    expect(won).toHaveLength(1);
    for (const { status, json } of answers.filter((answer) => !won.includes(answer)))
      expect(`${status} ${json.error}`).toBe('400 invalid_grant');
    const tokens = tokensOf(won[0] as Answer);
    for (const server of servers) {
      const asked = await request(`http://localhost:${server.port}/introspect`, {
        method: 'POST',
        body: form({
          token: tokens.accessToken,
          client_id: 'demo-mcp-server',
          client_secret: 'demo-mcp-server-secret',
        }),
      });
      expect(asked.text).toBe('{"active":false}');
    }
    expect((await client.refresh(tokens.refreshToken)).json.error).toBe('invalid_grant');
    const log = await auditLog(servers[0], ada, 'Acme Robotics');
    const events = log.filter(({ connectionId }) => connectionId === consent?.connectionId);
    expect(events.map(({ action }) => action)).toEqual(['connection.code-reused', 'connection.consented']);
  });

  test('the next authorization of the same client works as if nothing had happened', async () => {
    const { accessToken } = await client.connect();
    expect((await introspect(servers[0], accessToken)).json.active).toBe(true);
  });
});
