/** Removals of more connections than one commit takes away, decision by decision. */
import { describe, expect, test } from '@jest/globals';
import { newPasswordReset, resetPassword } from '../../src/accounts/passwordReset.js';
import { putAccount } from '../../src/accounts/putAccount.js';
import { removeAccount } from '../../src/accounts/removeAccount.js';
import { activeConnections, countActiveConnections } from '../../src/connections/activeConnections.js';
import { connectionById, epochsOf } from '../../src/connections/endedConnections.js';
import { usableConnection } from '../../src/connections/usableConnection.js';
import { addMember } from '../../src/organizations/addMember.js';
import { FEW, finishRemovals } from '../../src/organizations/finishRemovals.js';
import { importDirectory } from '../../src/organizations/importDirectory.js';
import { organizationConnections } from '../../src/organizations/organizationConnections.js';
import { putMember } from '../../src/organizations/putMember.js';
import { putOrganization } from '../../src/organizations/putOrganization.js';
import { removeConnections } from '../../src/organizations/removeConnections.js';
import { removeMember } from '../../src/organizations/removeMember.js';
import { removeOrganization } from '../../src/organizations/removeOrganization.js';
import { type DurableStore, insert, remove, replace } from '../../src/stores/durable.js';
import { accounts } from '../../src/stores/records/account.js';
import { type Connection, connections } from '../../src/stores/records/connection.js';
import { memberId, members } from '../../src/stores/records/member.js';
import { MOST_ENDED, organizations } from '../../src/stores/records/organization.js';
import { removals } from '../../src/stores/records/removal.js';
import { operator, storesOfEachTest } from './demoStores.js';

const stores = storesOfEachTest('demo');
const ACME = 'Acme Robotics';

let made = 0;
/** More than one commit takes away, of one account in one organization, as consent would make them now. */
async function many(name: string, organization = ACME, clientId = 'dcr_client'): Promise<Connection[]> {
  const { durable } = stores();
  const first = await stores().connect(name, organization);
  const [account, where] = await durable.getEach([accounts, first.accountId], [organizations, first.organizationId]);
  if (!account || !where) throw new Error('Neither is there.');
  const all = Array.from({ length: FEW + 1 }, () => ({
    ...first,
    ...epochsOf(account, where),
    clientId,
    id: `con_${made++}`,
  }));
  await durable.commit(all.map((one) => insert(connections, one)));
  return all;
}

const reasonOf = async (connection: Connection | undefined): Promise<string | undefined> => {
  if (!connection) return 'none';
  const use = await usableConnection(stores(), connection);
  return use.usable ? undefined : use.reason;
};
const underWay = () => stores().durable.count(removals, 'byCreation', []);
const stored = (organizationId: string) => stores().durable.count(connections, 'byOrganization', [organizationId]);

describe('removing more connections than one commit takes away', () => {
  test('rejects and hides them at once, and leaves their records to later', async () => {
    const organizationId = await stores().organization(ACME);
    const [ended] = await many('linus');
    expect(await removeConnections(stores(), operator, { organizationId, clientId: 'dcr_client' })).toBe(FEW + 2);
    expect(await stored(organizationId)).toBe(FEW + 2);
    expect(await reasonOf(ended)).toBe('connection-gone');
    expect(await connectionById(stores().durable, ended?.id ?? '')).toBeUndefined();
    expect(await activeConnections(stores().durable, { organizationId })).toEqual([]);
    expect(await countActiveConnections(stores().durable, { organizationId })).toBe(0);

    const [later] = await many('linus');
    expect(await reasonOf(later)).toBeUndefined();
    expect(await countActiveConnections(stores().durable, { organizationId }, { most: 5 })).toBe(5);
    await finishRemovals(stores().durable);
    expect(await underWay()).toBe(0);
    expect(await reasonOf(later)).toBeUndefined();
    expect(await reasonOf(ended)).toBe('connection-gone');
    expect(await stored(organizationId)).toBe(FEW + 1);
    const organization = await stores().durable.get(organizations, organizationId);
    expect(organization).toMatchObject({ connectionEpoch: 1 });
    expect(organization).not.toHaveProperty('endedConnections');
  });

  test('are skipped by a listing that reads a bounded part, however many they are', async () => {
    const organizationId = await stores().organization(ACME);
    const { durable } = stores();
    const remaining = await stores().connect('grace', ACME);
    const [first] = await many('linus');
    if (!first) throw new Error('Nothing was made.');
    const newer = { ...first, createdAt: first.createdAt + 1 };
    await durable.commit(
      Array.from({ length: 2_500 }, (_, n) => insert(connections, { ...newer, id: `con_newer_${n}` })),
    );
    await removeConnections(stores(), operator, { organizationId, accountId: first.accountId });
    const { connections: listed, next } = await organizationConnections(
      durable,
      { organizationId },
      { text: '', size: 50 },
    );
    expect(listed.map(({ connection }) => connection.id)).toEqual([remaining.id]);
    expect(next).toBeUndefined();
  });

  test('of one client leaves those of others', async () => {
    const organizationId = await stores().organization(ACME);
    const [others] = [await many('linus', ACME, 'dcr_other'), await many('linus')];
    await removeConnections(stores(), operator, { organizationId, clientId: 'dcr_client' });
    await finishRemovals(stores().durable);
    expect(await activeConnections(stores().durable, { organizationId })).toHaveLength(others.length);
  });

  test('of a member who is removed and joins again before their records are gone revives none', async () => {
    const [organizationId, accountId] = [await stores().organization(ACME), await stores().account('linus')];
    const [ended] = await many('linus');
    await removeMember(stores(), operator, organizationId, accountId);
    await addMember(stores(), operator, { organizationId, accountId, roles: [{ role: 'insights' }] });
    expect(await reasonOf(ended)).toBe('connection-gone');
    const [later] = await many('linus');
    await finishRemovals(stores().durable);
    expect(await reasonOf(later)).toBeUndefined();
  });

  test('of an account whose address is verified at last ends what its former holder connected', async () => {
    const { durable } = stores();
    const account = await durable.get(accounts, await stores().account('linus'));
    if (account) await durable.commit([replace(accounts, { ...account, emailVerified: false as const })]);
    const [ended] = await many('linus');
    const reset = await newPasswordReset(stores(), 'linus@example.com');
    await resetPassword(stores(), reset?.token ?? '', 'another-password', '192.0.2.1');
    expect(await underWay()).toBe(1);
    expect(await reasonOf(ended)).toBe('connection-gone');
    const [later] = await many('linus');
    await finishRemovals(durable);
    expect(await reasonOf(later)).toBeUndefined();
    expect(await reasonOf(ended)).toBe('connection-gone');
  });

  test('goes on when very many removals are under way at once', async () => {
    const organizationId = await stores().organization(ACME);
    for (let n = 0; n <= MOST_ENDED; n += 1) {
      await many('linus', ACME, `dcr_${n}`);
      await removeConnections(stores(), operator, { organizationId, clientId: `dcr_${n}` });
    }
    expect(await activeConnections(stores().durable, { organizationId })).toHaveLength(MOST_ENDED + 1);
    const organization = await stores().durable.get(organizations, organizationId);
    expect(organization?.endedConnections?.length).toBeLessThanOrEqual(MOST_ENDED);
    await finishRemovals(stores().durable);
    expect(await stored(organizationId)).toBe(MOST_ENDED + 1);
  });
});

test('an account with more memberships than one commit ends is removed all the same', async () => {
  const { durable } = stores();
  const accountId = await stores().account('linus');
  await durable.commit(
    Array.from({ length: 2 * FEW }, (_, n) => {
      const organizationId = `org_${n}`;
      const id = memberId(organizationId, accountId);
      return insert(members, { id, organizationId, accountId, roles: [{ role: 'insights' as const }], createdAt: n });
    }),
  );
  await many('linus');
  for (const name of ['Closed Circuit', 'Beacon Labs']) {
    const organizationId = await stores().organization(name);
    for (const { accountId: other, roles } of await durable.list(members, 'byOrganization', [organizationId]))
      if (roles[0]?.role !== 'account-owner') await removeMember(stores(), operator, organizationId, other);
  }
  await removeAccount(stores(), operator, accountId);
  expect(await durable.count(members, 'byAccount', [accountId])).toBe(0);
  expect(await durable.get(accounts, accountId)).toBeUndefined();
  await finishRemovals(durable);
  expect(await durable.count(connections, 'byAccount', [accountId])).toBe(0);
});

/** The store as a slow server uses it: something else happens after its first list of that kind has been read. */
function slow(durable: DurableStore, kind: string, meanwhile: () => Promise<unknown>): DurableStore {
  let first = true;
  return new Proxy(durable, {
    get: (target, name: keyof DurableStore) => {
      const method = target[name].bind(target) as (...args: unknown[]) => Promise<unknown>;
      if (name !== 'list') return method;
      return async (...args: [{ name: string }, ...unknown[]]) => {
        const read = await method(...args);
        if (first && args[0].name === kind) {
          first = false;
          await meanwhile();
        }
        return read;
      };
    },
  });
}

describe('what is made again under the id of something that was removed with very many connections', () => {
  const PERSON = { email: 'again@example.com', name: 'Again', password: 'demo-password', emailVerified: true };
  const again = async (): Promise<void> => {
    const ownerId = await stores().account('ada');
    await putOrganization(stores(), operator, 'org_again', { name: 'Again', ownerId });
    await putAccount(stores(), operator, 'acc_again', PERSON);
    const organizationId = 'org_again';
    for (const accountId of ['acc_again', await stores().account('linus')])
      await putMember(stores(), operator, { organizationId, accountId, roles: [{ role: 'insights' }] });
  };
  const reasons = async (all: readonly (Connection | undefined)[]) => Promise.all(all.map(reasonOf));

  test.each(['connections', 'invitations', 'members'])(
    'an organization keeps all that is new from a server that comes late to the %s',
    async (kind) => {
      const { durable } = stores();
      await again();
      const [ended] = await many('linus', 'Again');
      await removeOrganization(stores(), operator, 'org_again');
      let later: Connection[] = [];
      const late = slow(durable, kind, async () => {
        await again();
        later = await many('linus', 'Again');
      });
      await finishRemovals(late);
      expect(await durable.count(members, 'byOrganization', ['org_again'])).toBe(3);
      expect(await stored('org_again')).toBe(FEW + 2);
      expect(await reasons([ended, later[0], later.at(-1)])).toEqual(['connection-gone', undefined, undefined]);
      expect(await underWay()).toBe(0);
    },
  );

  test('and an account as well', async () => {
    const { durable } = stores();
    await again();
    const [ended] = await many('again', 'Again');
    await removeAccount(stores(), operator, 'acc_again');
    let later: Connection[] = [];
    const late = slow(durable, 'connections', async () => {
      await again();
      later = await many('again', 'Again');
    });
    await finishRemovals(late);
    expect(await durable.count(members, 'byAccount', ['acc_again'])).toBe(2);
    expect(await reasons([ended, later[0], later.at(-1)])).toEqual(['connection-gone', undefined, undefined]);
  });

  test.each([
    ['organization', { organizationId: 'org_again' }],
    ['account', { accountId: 'acc_again' }],
  ])('an %s keeps its connections from a removal of those that the former had', async (_, owner) => {
    const { durable } = stores();
    await again();
    await many('again', 'Again');
    await removeConnections(stores(), operator, owner);
    await many('again', 'Again');
    let later: Connection[] = [];
    const late = slow(durable, 'connections', async () => {
      await removeOrganization(stores(), operator, 'org_again');
      await removeAccount(stores(), operator, 'acc_again');
      await again();
      later = await many('again', 'Again');
    });
    await finishRemovals(late);
    expect(await reasons([later[0], later.at(-1)])).toEqual([undefined, undefined]);
    expect(await stored('org_again')).toBe(FEW + 2);
  });

  test('a removal during an import revives nothing, and leaves alone what the import makes', async () => {
    const { durable } = stores();
    await again();
    const [ended] = await many('linus', 'Again');
    const account = { ...PERSON, email: 'new@example.com' };
    const organization = { id: 'org_again', name: 'Again', owner: 'new@example.com' };
    const file = JSON.stringify({ accounts: [account], organizations: [organization], members: [] });
    const removing = slow(durable, 'accounts', () => removeOrganization(stores(), operator, 'org_again'));
    await importDirectory({ ...stores(), durable: removing }, operator, file);
    expect(await reasonOf(ended)).toBe('connection-gone');
    await finishRemovals(durable);
    expect(await durable.get(members, memberId('org_again', await stores().account('new')))).toBeDefined();
  });

  test('its former connections are shown nowhere, also before their records are gone', async () => {
    const { durable } = stores();
    await again();
    const [ofOrganization, ofAccount] = [await many('linus', 'Again'), await many('again', ACME)];
    await removeOrganization(stores(), operator, 'org_again');
    await removeAccount(stores(), operator, 'acc_again');
    for (const [connection] of [ofOrganization, ofAccount]) {
      expect(await durable.get(connections, connection?.id ?? '')).toBeDefined();
      expect(await connectionById(durable, connection?.id ?? '')).toBeUndefined();
    }
  });

  test('a removal that an older version noted is finished first', async () => {
    const { durable } = stores();
    await again();
    const [ended] = await many('linus', 'Again');
    await removeOrganization(stores(), operator, 'org_again');
    const [removal] = await durable.list(removals, 'byCreation', []);
    if (!removal) throw new Error('None is under way.');
    const { revision: _, ...old } = removal;
    await durable.commit([remove(removals, removal.id), insert(removals, { ...old, id: 'rem_old' })]);
    await again();
    expect(await reasonOf(ended)).toBe('connection-gone');
    expect(await underWay()).toBe(0);
  });
});
