/** What a client finds after a server died in the middle of its request. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import { introspect, TestClient, type Tokens, tokensOf } from '../support/client.js';
import { counts, longest } from '../support/counts.js';
import { type CrashPoint, crashAt, crashPoints, writesOf } from '../support/crashing.js';
import { Person } from '../support/person.js';
import type { TestServer } from '../support/server.js';

/**
 * The tests of crashes on some stores.
 * @param stores their name
 * @param running the server, started with the preload of `support/crashing.ts`
 * @param writes how many a code exchange and a refresh make there: one where one engine holds all of it
 */
export function describeCrashes(stores: string, running: () => TestServer, writes: number): void {
  describe(`a server that dies before or after a write to ${stores}`, () => {
    const person = new Person();
    let server: TestServer;
    let client: TestClient;
    let revoked: Tokens;
    beforeAll(async () => {
      server = running();
      client = await TestClient.register(server);
      revoked = await connect();
      expect((await client.revoke(revoked.refreshToken)).status).toBe(200);
    }, longest);

    const exchange = async ({ code, verifier } = { code: '', verifier: '' }) => client.exchange(code, verifier);
    const connect = async (): Promise<Tokens> => tokensOf(await exchange(await client.codeFor(person)));
    const active = async ({ accessToken }: Tokens) => (await introspect(server, accessToken)).json.active;
    const whenever = async (act: () => Promise<unknown>, check: (point: CrashPoint) => Promise<void>) => {
      expect(await writesOf(server, act)).toBe(writes);
      for (const point of crashPoints(writes, counts.everyCrashPoint)) await check(point);
    };
    const expectWorking = async (tokens: Tokens): Promise<void> => {
      expect(await active(tokens)).toBe(true);
      expect(await active(tokensOf(await client.refresh(tokens.refreshToken)))).toBe(true);
    };
    const expectRevokedIsDead = async (): Promise<void> => {
      expect(await active(revoked)).toBe(false);
      expect((await client.refresh(revoked.refreshToken)).json.error).toBe('invalid_grant');
    };

    test(
      'during a code exchange leaves a client that gets tokens with the same code, or invalid_grant and authorizes anew',
      async () => {
        const first = await client.codeFor(person);
        await whenever(
          () => exchange(first),
          async (point) => {
            const code = await client.codeFor(person);
            await crashAt(server, point, () => exchange(code));
            const again = await exchange(code);
            if (again.status !== 200) expect(`${again.status} ${again.json.error}`).toBe('400 invalid_grant');
            await expectWorking(again.status === 200 ? tokensOf(again) : await connect());
            expect((await exchange(code)).json.error).toBe('invalid_grant');
            await expectRevokedIsDead();
          },
        );
      },
      longest,
    );

    test(
      'during a refresh leaves a client that gets on with the token it holds, in one chain',
      async () => {
        const first = await connect();
        await whenever(
          () => client.refresh(first.refreshToken),
          async (point) => {
            const tokens = await connect();
            await crashAt(server, point, () => client.refresh(tokens.refreshToken));
            expect(await active(tokens)).toBe(true);
            const again = await client.refresh(tokens.refreshToken);
            expect((await client.refresh(tokens.refreshToken)).text).toBe(again.text);
            await expectWorking(tokensOf(again));
            await expectRevokedIsDead();
          },
        );
      },
      longest,
    );

    test(
      'during a removal leaves a connection that works, or none at all',
      async () => {
        const first = await connect();
        const revoke = ({ refreshToken }: Tokens) => client.revoke(refreshToken);
        expect(await writesOf(server, () => revoke(first))).toBe(1);
        for (const when of ['before', 'after'] as const) {
          const tokens = await connect();
          await crashAt(server, { write: 1, when }, () => revoke(tokens));
          expect(await active(tokens)).toBe(when === 'before');
          expect((await revoke(tokens)).status).toBe(200);
          expect(await active(tokens)).toBe(false);
          await expectRevokedIsDead();
        }
      },
      longest,
    );
  });
}
