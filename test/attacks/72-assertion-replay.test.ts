/** An assertion that somebody has seen is sent again: at once, on another server, after a restart. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Answer, introspect, tokensOf } from '../support/client.js';
import { configFor } from '../support/demoServer.js';
import { describeOnEachStore } from '../support/onEachStore.js';
import { Person } from '../support/person.js';
import type { TestServer } from '../support/server.js';
import {
  advance,
  asserted,
  newClientKey,
  outcome,
  registerSigning,
  type SigningClient,
} from '../support/signingClient.js';

const AT_ONCE = 20;
const RESOURCE = 'http://localhost:3001/mcp';

await describeOnEachStore((stores) => {
  let first: TestServer;
  let second: TestServer;
  let client: SigningClient;
  let refreshToken: string;
  let accessToken: string;
  beforeAll(async () => {
    first = await stores.start();
    second = await stores.startBeside(first);
    const key = await newClientKey();
    client = await registerSigning(first, key, { jwks: { keys: [key.publicJwk] } });
    ({ refreshToken, accessToken } = await client.connect(new Person()));
  });
  afterAll(async () => {
    await second?.stop();
    await first?.stop();
  });

  const refreshAt = (server: TestServer, assertion: string): Promise<Answer> =>
    client.plain.at(server).refresh(refreshToken, asserted(assertion));
  const isReplay = (answer: Answer): void => {
    expect(outcome(answer)).toBe('401 invalid_client');
    expect(answer.json.error_description).toMatch(/jti was used before/);
  };

  test('on the same server, on another one, and at /revoke: refused, and the connection lives', async () => {
    const assertion = await client.assertion();
    const refreshed = tokensOf(await refreshAt(first, assertion));
    isReplay(await refreshAt(first, assertion));
    isReplay(await refreshAt(second, assertion));
    ({ refreshToken, accessToken } = refreshed);
    isReplay(await refreshAt(second, assertion));
    isReplay(await client.plain.at(second).revoke(refreshToken, asserted(assertion)));
    expect((await introspect(second, accessToken)).json.active).toBe(true);
  });

  test('a jti that is signed again with other times', async () => {
    const jti = 'chosen-once';
    ({ refreshToken } = tokensOf(await client.refresh(refreshToken, {}, { claims: { jti } })));
    isReplay(
      await client.at(second).refresh(refreshToken, {}, { claims: { jti, exp: Math.floor(Date.now() / 1_000) + 900 } }),
    );
    // Of another client it is another one.
    const key = await newClientKey();
    const other = await registerSigning(first, key, { jwks: { keys: [key.publicJwk] } });
    expect(outcome(await other.refresh('unknown', {}, { claims: { jti } }))).toBe('400 invalid_grant');
  });

  test('many at once on two servers: one is taken', async () => {
    const assertion = await client.assertion();
    const answers = await Promise.all(
      Array.from({ length: AT_ONCE }, (_, n) => refreshAt(n % 2 === 0 ? first : second, assertion)),
    );
    const taken = answers.filter(({ status }) => status === 200);
    expect(taken).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(AT_ONCE - 1);
    ({ refreshToken } = tokensOf(taken[0] as Answer));
  });

  test('one that was refused for its request is used all the same, and a wrong one is not', async () => {
    const assertion = await client.assertion();
    expect(outcome(await client.plain.refresh('unknown', asserted(assertion)))).toBe('400 invalid_grant');
    isReplay(await refreshAt(first, assertion));
    const jti = 'of-a-stranger';
    const stranger = client.with(await newClientKey('ES256', client.key.kid));
    expect(outcome(await stranger.refresh(refreshToken, {}, { claims: { jti } }))).toBe('401 invalid_client');
    ({ refreshToken } = tokensOf(await client.refresh(refreshToken, {}, { claims: { jti } })));
  });

  test('after a restart of all servers', async () => {
    const assertion = await client.assertion();
    ({ refreshToken } = tokensOf(await refreshAt(first, assertion)));
    await first.restart();
    isReplay(await refreshAt(first, assertion));
  });

  test('a request that waits for a limit and is tried again is no replay of itself', async () => {
    const rates = { tokenPerClientAndAddress: { events: 2, seconds: 2 } };
    const slow = await stores.start({ config: { ...(await configFor(RESOURCE)), limits: { rates } } });
    try {
      const key = await newClientKey();
      const waiting = await registerSigning(slow, key, { jwks: { keys: [key.publicJwk] } });
      let tokens = await waiting.connect(new Person());
      for (let n = 0; n < 3; n++) tokens = tokensOf(await waiting.refresh(tokens.refreshToken));
    } finally {
      await slow.stop();
    }
  });

  test('after its end it is refused for that', async () => {
    const assertion = await client.assertion();
    ({ refreshToken } = tokensOf(await refreshAt(first, assertion)));
    await advance(first, 301_000);
    const late = await refreshAt(first, assertion);
    expect(outcome(late)).toBe('401 invalid_client');
    expect(late.json.error_description).toMatch(/exp is in the past/);
  });
});
