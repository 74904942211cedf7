/** Removals of more connections than one commit takes away, decision by decision. */
import { describe, expect, test } from '@jest/globals';
import { newPasswordReset, resetPassword } from '../../src/accounts/passwordReset.js';
import { removeAccount } from '../../src/accounts/removeAccount.js';
import { activeConnections, countActiveConnections } from '../../src/connections/activeConnections.js';
import { connectionById, epochsOf } from '../../src/connections/endedConnections.js';
import { usableConnection } from '../../src/connections/usableConnection.js';
import { addMember } from '../../src/organizations/addMember.js';
import { FEW, finishRemovals } from '../../src/organizations/finishRemovals.js';
import { organizationConnections } from '../../src/organizations/organizationConnections.js';
import { removeConnections } from '../../src/organizations/removeConnections.js';
import { removeMember } from '../../src/organizations/removeMember.js';
import { insert, replace } from '../../src/stores/durable.js';
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
