/** Removing very many connections: all of them end with the answer, nobody waits for it, and none comes back. */

import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { expiresOneMonthAfter } from '../../src/connections/expiresOneMonthAfter.js';
import { secretHash } from '../../src/ids.js';
import type { DurableStore } from '../../src/stores/durable.js';
import { openEmbeddedStores } from '../../src/stores/embedded/open.js';
import { openMongo } from '../../src/stores/mongo/open.js';
import { type Connection, connections } from '../../src/stores/records/connection.js';
import { type Invitation, invitations } from '../../src/stores/records/invitation.js';
import { type Member, memberId, members } from '../../src/stores/records/member.js';
import { type Organization, organizations } from '../../src/stores/records/organization.js';
import { removals } from '../../src/stores/records/removal.js';
import { ADMIN_CONFIG, AdminApi } from '../support/adminApi.js';
import { organizationPath, signedInPerson } from '../support/audit.js';
import { Browser } from '../support/browser.js';
import { introspect, TestClient, type Tokens, tokensOf } from '../support/client.js';
import { csrfOf, post } from '../support/forms.js';
import { HELD_LOOP, longestTurn } from '../support/heldLoop.js';
import { describeOnEachStore } from '../support/onEachStore.js';
import type { Person } from '../support/person.js';
import { seedRecords } from '../support/seedRecords.js';
import type { TestServer } from '../support/server.js';

const LONG = process.env.LONG === '1';
/** More than one commit takes away; on MongoDB as many, so that a busy machine is done with them soon. */
const MANY = { embedded: LONG ? 100_000 : 1_000, mongo: 200 };
/** Organizations, in each of which the same account has made as many invitations as can be open. */
const INVITING = { embedded: LONG ? 50 : 10, mongo: 2 };
const OPEN = 200;
/** In milliseconds of work. */
const HELD_AT_MOST = 20;
const TIMEOUT = LONG ? 600_000 : 60_000;

let seeded = 0;
function* many(
  of: Pick<Connection, 'accountId' | 'organizationId' | 'clientId'>,
  createdAt: number,
  count: number,
): Generator<Connection> {
  const expiresAt = expiresOneMonthAfter(createdAt);
  for (let n = 0; n < count; n += 1)
    yield {
      id: `con_seeded_${seeded++}`,
      status: n % 10 === 0 ? 'pending' : 'active',
      ...of,
      clientName: 'Raw test client',
      resource: 'http://localhost:3001/mcp',
      scope: 'mcp:read',
      createdAt,
      expiresAt,
      keptUntil: expiresAt,
    };
}

/** Looks into the durable store of a server, as another process does. */
async function inStore<T>(server: TestServer, look: (durable: DurableStore) => Promise<T>): Promise<T> {
  const uri = server.env.MONGODB_URI;
  const stores = await (uri === undefined ? openEmbeddedStores(join(server.dataDir, 'store'), true) : openMongo(uri));
  try {
    return await look(stores.durable);
  } finally {
    await stores.close();
  }
}

await describeOnEachStore((stores) => {
  let a: TestServer;
  let b: TestServer;
  let api: AdminApi;
  let ada: Person;
  let token: string;
  let acme: string;
  let count: number;
  let acmePath: string;
  const accountIds: Record<string, string> = {};
  /** So that a connection after a removal has the very same time. */
  const now = Date.now();

  beforeAll(async () => {
    a = await stores.start({
      config: ADMIN_CONFIG,
      preload: [HELD_LOOP],
      env: { TEST_CLOCK_STANDS_AT: String(now) },
    });
    b = await stores.startBeside(a);
    count = a.env.MONGODB_URI === undefined ? MANY.embedded : MANY.mongo;
    api = await AdminApi.open(a);
    ada = await signedInPerson(a);
    acmePath = await organizationPath(a, ada, 'Acme Robotics');
    acme = acmePath.split('/').at(-1) ?? '';
    token = csrfOf(await ada.open(`${acmePath}/settings`));
    for (const name of ['ada', 'grace', 'linus']) {
      const { json } = await api.get('/accounts', { email: `${name}@example.com` });
      accountIds[name] = String((json.items as { id: string }[])[0]?.id);
    }
  }, TIMEOUT);
  afterAll(async () => {
    await Promise.all([a?.stop(), b?.stop()]);
  });

  const people = new Map<string, Promise<Person>>();
  /** Each person signs in once. */
  const personOf = (name: string): Promise<Person> => {
    const person = people.get(name) ?? signedInPerson(a, `${name}@example.com`);
    people.set(name, person);
    return person;
  };
  const connect = async (client: TestClient, name: string, organization = 'Acme Robotics'): Promise<Tokens> => {
    const { code, verifier } = await client.codeFor(await personOf(name), organization);
    return tokensOf(await client.exchange(code, verifier));
  };
  const activity = async (tokens: readonly Tokens[]): Promise<unknown[]> =>
    Promise.all(
      tokens.flatMap(({ accessToken }) =>
        [a, b].map(async (server) => (await introspect(server, accessToken)).json.active),
      ),
    );
  const all = (tokens: readonly Tokens[], active: boolean) => tokens.flatMap(() => [active, active]);
  const left = (organizationId: string): Promise<number> =>
    inStore(a, (durable) => durable.count(connections, 'byOrganization', [organizationId]));
  const leftOfAccount = (accountId: string): Promise<number> =>
    inStore(a, (durable) => durable.count(connections, 'byAccount', [accountId]));
  /** Until all removals are finished; the test's own time limit ends it. */
  const finished = async (): Promise<void> => {
    const underWay = () => inStore(a, (durable) => durable.count(removals, 'byCreation', []));
    while ((await underWay()) > 0) await sleep(100);
  };
  const form = async (path: string, fields: Record<string, string>): Promise<number> =>
    (await post(ada.browser, `${acmePath}${path}`, { csrf_token: token, ...fields })).status;
  const seed = (name: string, clientId: string, organizationId = acme): Promise<void> =>
    seedRecords(a, connections, many({ accountId: accountIds[name] ?? '', organizationId, clientId }, now, count));
  const refused = async (client: TestClient, tokens: readonly Tokens[]): Promise<unknown[]> =>
    Promise.all(tokens.map(async ({ refreshToken }) => (await client.refresh(refreshToken)).json.error));
  const activeIn = async (query: Record<string, string>): Promise<unknown> =>
    ((await api.get('/connections', query)).json.items as unknown[]).length;

  describe('all of a client', () => {
    let client: TestClient;
    let other: Tokens;
    let ended: Tokens[];
    let later: Tokens;
    let idOfOne: string;
    beforeAll(async () => {
      client = await TestClient.register(a);
      await seed('linus', client.clientId);
      ended = [await connect(client, 'linus'), await connect(client, 'grace'), await connect(client, 'ada')];
      other = await connect(await TestClient.register(a), 'linus');
      expect(await activity([...ended, other])).toEqual(all([...ended, other], true));
      idOfOne = String((await introspect(a, ended[0]?.accessToken ?? '')).json.connection_id);
      expect((await api.get(`/connections/${idOfOne}`)).status).toBe(200);
    }, TIMEOUT);

    test(
      'end at once and everywhere, and the server goes on answering others',
      async () => {
        const { ms } = await longestTurn(a, async () => {
          const code = await client.codeFor(await personOf('grace'));
          const started = performance.now();
          expect(await form('/connections/remove', { client: client.clientId })).toBe(303);
          if (LONG)
            process.stdout.write(
              `removal of ${count}: answered after ${(performance.now() - started).toFixed(0)} ms\n`,
            );
          expect(await left(acme)).toBeGreaterThan(0);
          expect(await activity([...ended, other])).toEqual([...all(ended, false), true, true]);
          expect((await client.exchange(code.code, code.verifier)).json.error).toBe('invalid_grant');
          later = await connect(client, 'linus');
          expect(await refused(client, ended)).toEqual(ended.map(() => 'invalid_grant'));
          const page = await ada.open(`${acmePath}/connections?client=${encodeURIComponent(client.clientId)}`);
          expect(page.html.querySelectorAll('tbody tr').length).toBe(1);
          expect(await activeIn({ organizationId: acme })).toBe(2);
          expect((await api.get(`/connections/${idOfOne}`)).status).toBe(404);
          await finished();
        });
        if (LONG) process.stdout.write(`held at most ${ms.toFixed(1)} ms\n`);
        expect(ms).toBeLessThanOrEqual(HELD_AT_MOST);
      },
      TIMEOUT,
    );

    test('their records are gone in the end, and what is newer works on', async () => {
      expect(await left(acme)).toBe(2);
      expect(await activity([...ended, other, later])).toEqual([...all(ended, false), ...all([other, later], true)]);
      expect(await inStore(a, (durable) => durable.get(organizations, acme))).not.toHaveProperty('endedConnections');
      const event = await newest();
      expect(event).toMatchObject({ action: 'connection.removed', details: { client: 'Raw test client' } });
      expect(event?.details.connections).toBeGreaterThanOrEqual(0.9 * count);
    });
  });

  const newest = async (): Promise<{ action: string; details: Record<string, unknown> } | undefined> => {
    const { json } = await api.get('/audit', { organizationId: acme, action: 'connection.removed', limit: 1 });
    return (json.items as { action: string; details: Record<string, unknown> }[])[0];
  };

  test(
    'all of an organization, while MCP access is switched off: none works when it is on again',
    async () => {
      const client = await TestClient.register(a);
      await seed('linus', 'seeded-client');
      const ended = [await connect(client, 'linus'), await connect(client, 'ada')];
      expect(await activity(ended)).toEqual(all(ended, true));
      const off = { mcp_access: 'off', remove_connections: 'on' };
      expect(await form('/settings/mcp-access', off)).toBe(303);
      expect(await form('/settings/mcp-access', { mcp_access: 'on' })).toBe(303);
      const later = await connect(client, 'linus');
      expect(await activity([...ended, later])).toEqual([...all(ended, false), true, true]);
      expect(await refused(client, ended)).toEqual(['invalid_grant', 'invalid_grant']);
      await finished();
      expect(await activity([...ended, later])).toEqual([...all(ended, false), true, true]);
      expect(await left(acme)).toBe(1);
    },
    TIMEOUT,
  );

  test(
    'all of a member who is removed: none works when the person joins again at once',
    async () => {
      const client = await TestClient.register(a);
      const roles = [{ role: 'insights' }];
      await seed('linus', 'seeded-client');
      const ended = [await connect(client, 'linus')];
      const other = await connect(client, 'grace');
      const member = `/organizations/${acme}/members/${accountIds.linus}`;
      expect((await api.delete(member)).status).toBe(204);
      expect((await api.put(member, { roles })).status).toBe(201);
      const later = await connect(client, 'linus');
      expect(await activity([...ended, other, later])).toEqual([...all(ended, false), ...all([other, later], true)]);
      expect(await refused(client, ended)).toEqual(['invalid_grant']);
      await finished();
      expect(await activity([...ended, other, later])).toEqual([...all(ended, false), ...all([other, later], true)]);
    },
    TIMEOUT,
  );

  test(
    'all of an account, in whichever organization',
    async () => {
      const client = await TestClient.register(a);
      await seed('grace', 'seeded-client');
      const ended = [await connect(client, 'grace'), await connect(client, 'grace', 'Beacon Labs')];
      const other = await connect(client, 'ada');
      const removed = await api.delete('/connections', { accountId: accountIds.grace });
      expect(removed.json.removed).toBeGreaterThanOrEqual(0.9 * count + 2);
      const later = await connect(client, 'grace');
      expect(await activity([...ended, other, later])).toEqual([...all(ended, false), ...all([other, later], true)]);
      expect(await activeIn({ accountId: String(accountIds.grace) })).toBe(1);
      expect(await activeIn({ accountId: String(accountIds.grace), organizationId: acme })).toBe(1);
      await finished();
      expect(await activity([...ended, other, later])).toEqual([...all(ended, false), ...all([other, later], true)]);
    },
    TIMEOUT,
  );

  test(
    'those of an organization that is removed and made again under its id stay where they are',
    async () => {
      const client = await TestClient.register(a);
      const make = () => api.put('/organizations/of-many', { name: 'Of many', ownerId: accountIds.ada });
      expect((await make()).status).toBe(201);
      await seed('ada', 'seeded-client', 'of-many');
      const ended = [await connect(client, 'ada', 'Of many')];
      expect((await api.delete('/organizations/of-many')).status).toBe(204);
      expect(await activity(ended)).toEqual([false, false]);
      expect((await make()).status).toBe(201);
      const later = await connect(client, 'ada', 'Of many');
      expect(await activity([...ended, later])).toEqual([false, false, true, true]);
      await finished();
      expect(await activity([...ended, later])).toEqual([false, false, true, true]);
      expect(await left('of-many')).toBe(1);
    },
    TIMEOUT,
  );

  test(
    'a removal of an account that breaks off by kill -9 is finished after the restart',
    async () => {
      const client = await TestClient.register(a);
      const body = { email: 'many@example.com', name: 'Many', password: 'demo-password', emailVerified: true };
      expect((await api.put('/accounts/of-many', body)).status).toBe(201);
      expect((await api.put(`/organizations/${acme}/members/of-many`, { roles: [{ role: 'insights' }] })).status).toBe(
        201,
      );
      accountIds.many = 'of-many';
      await seed('many', 'seeded-client');
      const ended = [await connect(client, 'many')];
      expect((await api.delete('/accounts/of-many')).status).toBe(204);
      await Promise.all([a.kill(), b.kill()]);
      expect(await leftOfAccount('of-many')).toBeGreaterThan(0);
      await Promise.all([a.restart(), b.restart()]);
      expect(await activity(ended)).toEqual([false, false]);
      expect((await api.put('/accounts/of-many', body)).status).toBe(201);
      expect(await activity(ended)).toEqual([false, false]);
      await finished();
      expect(await leftOfAccount('of-many')).toBe(0);
    },
    TIMEOUT,
  );

  test(
    'the invitations of an account that is handed over: none works, the server goes on answering others, and all are gone in the end',
    async () => {
      const who = { email: 'inviter@example.com', name: 'Inviter', emailVerified: false, password: 'demo-password' };
      expect((await api.put('/accounts/inviter', who)).status).toBe(201);
      const own = { createdAt: now, keptUntil: now + 7 * 86_400_000 };
      const ids = Array.from(
        { length: a.env.MONGODB_URI ? INVITING.mongo : INVITING.embedded },
        (_, n) => `inviting-${n}`,
      );
      await seedRecords<Organization>(
        a,
        organizations,
        ids.map((id) => ({
          id,
          name: id,
          personal: false,
          ownerId: String(accountIds.ada),
          mcpAccess: true,
          createdAt: now,
        })),
      );
      const member = (organizationId: string, accountId: string, role: 'account-owner' | 'account-admin'): Member => ({
        id: memberId(organizationId, accountId),
        ...{ organizationId, accountId, roles: [{ role }], createdAt: now },
      });
      await seedRecords<Member>(
        a,
        members,
        ids.flatMap((id) => [
          member(id, 'inviter', 'account-admin'),
          member(id, String(accountIds.ada), 'account-owner'),
        ]),
      );
      const invitation = (organizationId: string, n: number): Invitation => ({
        id: `inv_${organizationId}_${n}`,
        tokenHash: secretHash(`${organizationId} ${n}`),
        ...{
          organizationId,
          email: `${organizationId}-${n}@example.com`,
          roles: [{ role: 'insights' }],
          mailed: false,
        },
        invitedBy: n === 0 ? String(accountIds.ada) : 'inviter',
        ...own,
      });
      await seedRecords<Invitation>(
        a,
        invitations,
        ids.flatMap((id) => Array.from({ length: OPEN }, (_, n) => invitation(id, n))),
      );
      const statusOf = async (id: string, n: number) =>
        (await new Browser().open(b.url(`/invitations/${encodeURIComponent(`${id} ${n}`)}`))).status;
      const invitationsLeft = (): Promise<number> =>
        inStore(a, (durable) => durable.count(invitations, 'byOrganization', ['inviting-1']));
      expect([await statusOf('inviting-1', 0), await statusOf('inviting-1', 7)]).toEqual([200, 200]);

      const { ms } = await longestTurn(a, async () => {
        const verified = await api.put('/accounts/inviter', { ...who, emailVerified: true });
        expect(verified.status).toBe(200);
        expect([await statusOf('inviting-1', 0), await statusOf('inviting-1', 7)]).toEqual([200, 404]);
        await finished();
      });
      if (LONG) process.stdout.write(`handover of ${ids.length * OPEN} invitations held at most ${ms.toFixed(1)} ms\n`);
      expect(ms).toBeLessThanOrEqual(HELD_AT_MOST);

      expect(await invitationsLeft()).toBe(1);
      expect(await statusOf('inviting-1', 0)).toBe(200);
      const { json } = await api.get('/audit', { organizationId: 'inviting-1', action: 'invitation.withdrawn' });
      expect(json.items).toMatchObject([{ details: { invitations: OPEN - 1 } }]);
      // What the holder of now invites is the holder's own.
      const inviter = await signedInPerson(a, who.email);
      const page = await inviter.open(a.url('/organizations/inviting-1/members/add'));
      const fields = { email: 'later@example.com', 'role:insights': 'on' };
      await inviter.browser.submit(page, 'button.primary', fields);
      expect(await invitationsLeft()).toBe(2);
      const { html } = await inviter.open(a.url('/organizations/inviting-1/members'));
      expect(html.textContent).toContain(fields.email);
    },
    TIMEOUT,
  );

  test(
    'and so is one of a client: after the restart all are rejected, and go',
    async () => {
      const client = await TestClient.register(a);
      await seed('linus', client.clientId);
      const ended = [await connect(client, 'linus')];
      expect(await form('/connections/remove', { client: client.clientId })).toBe(303);
      await Promise.all([a.kill(), b.kill()]);
      expect(await left(acme)).toBeGreaterThan(0);
      await Promise.all([a.restart(), b.restart()]);
      expect(await activity(ended)).toEqual([false, false]);
      expect(await refused(client, ended)).toEqual(['invalid_grant']);
      const later = await connect(client, 'linus');
      await finished();
      expect(await activity([...ended, later])).toEqual([false, false, true, true]);
    },
    TIMEOUT,
  );
});
