import { describe, expect, test } from '@jest/globals';
import { activeConnections } from '../../src/connections/activeConnections.js';
import { createOrganization } from '../../src/organizations/createOrganization.js';
import { memberOf, organizationByIdOrName } from '../../src/organizations/findOrganization.js';
import { MOST_ORGANIZATIONS } from '../../src/organizations/newMembership.js';
import { organizationsOf } from '../../src/organizations/organizationsOf.js';
import { removeConnections } from '../../src/organizations/removeConnections.js';
import { removeOrganization } from '../../src/organizations/removeOrganization.js';
import { insert } from '../../src/stores/durable.js';
import { memberId, members } from '../../src/stores/records/member.js';
import { operator, storesOfEachTest } from './demoStores.js';

const stores = storesOfEachTest('demo');

describe('creating an organization', () => {
  test('makes its creator the permanent owner, with MCP access on', async () => {
    const ownerId = await stores().account('grace');
    const actor = await stores().actor('grace');
    const organization = await createOrganization(stores(), actor, { name: ' Delta ', ownerId });
    expect(organization).toMatchObject({ name: 'Delta', ownerId, personal: false, mcpAccess: true });
    expect(await memberOf(stores().durable, organization.id, ownerId)).toMatchObject({
      roles: [{ role: 'account-owner' }],
    });
    expect(await stores().events(organization.id)).toMatchObject([{ action: 'organization.created', actor }]);
  });

  test.each(['', '   ', 'two\nlines', 'x'.repeat(201)])('is refused with the name %j', async (name) => {
    const ownerId = await stores().account('grace');
    await expect(createOrganization(stores(), operator, { name, ownerId })).rejects.toMatchObject({ code: 'invalid' });
  });

  test('is refused for somebody else', async () => {
    const ownerId = await stores().account('grace');
    const linus = await stores().actor('linus');
    await expect(createOrganization(stores(), linus, { name: 'Delta', ownerId })).rejects.toMatchObject({
      code: 'forbidden',
    });
  });

  test('ends at 500 memberships of one account, unless the operator makes another', async () => {
    const [ownerId, actor] = [await stores().account('linus'), await stores().actor('linus')];
    const belonged = await stores().durable.count(members, 'byAccount', [ownerId]);
    await stores().durable.commit(
      Array.from({ length: MOST_ORGANIZATIONS - belonged - 1 }, (_, n) => {
        const organizationId = `org_${n}`;
        const id = memberId(organizationId, ownerId);
        return insert(members, { id, organizationId, accountId: ownerId, roles: [{ role: 'insights' }], createdAt: n });
      }),
    );
    await createOrganization(stores(), actor, { name: 'The last', ownerId });
    await expect(createOrganization(stores(), actor, { name: 'Too much', ownerId })).rejects.toMatchObject({
      code: 'invalid',
      message: 'linus@example.com belongs to 500 organizations, the most; leave one first.',
    });
    await createOrganization(stores(), operator, { name: 'The operator’s', ownerId });
  });
});

describe('an account’s organizations', () => {
  test('are all of them, the personal one first, then by name', async () => {
    const found = await organizationsOf(stores().durable, await stores().account('ada'));
    expect(found.map(({ name }) => name)).toEqual([
      'Ada Lovelace (personal)',
      'Acme Robotics',
      'Beacon Labs',
      'Closed Circuit',
    ]);
    expect(found.map(({ member }) => member.roles[0]?.role)).toEqual([
      'account-owner',
      'account-owner',
      'key-viewer',
      'app-admin',
    ]);
  });
});

describe('an organization named by the operator', () => {
  test('is found by id and by name', async () => {
    const id = await stores().organization('Acme Robotics');
    expect(await organizationByIdOrName(stores().durable, id)).toMatchObject({ name: 'Acme Robotics' });
  });

  test('by a name that two have is refused with both ids', async () => {
    const first = await stores().organization('Acme Robotics');
    const ownerId = await stores().account('grace');
    const second = await createOrganization(stores(), operator, { name: 'Acme Robotics', ownerId });
    const message = await organizationByIdOrName(stores().durable, 'Acme Robotics').catch(
      (error: Error) => error.message,
    );
    expect(message).toContain(first);
    expect(message).toContain(second.id);
  });

  test('by the beginning of a name is not found', async () => {
    await expect(organizationByIdOrName(stores().durable, 'Acme')).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('removing an organization', () => {
  test('takes its members and connections along and nothing else', async () => {
    const id = await stores().organization('Acme Robotics');
    const gone = [
      await stores().connect('linus', 'Acme Robotics'),
      await stores().connect('ada', 'Acme Robotics', 'pending'),
    ];
    const kept = await stores().connect('linus', 'Closed Circuit');
    const removed = await removeOrganization(stores(), operator, id);
    expect(removed).toMatchObject({ organization: { name: 'Acme Robotics' }, members: 3, connections: 1 });
    for (const connection of gone) expect(await stores().connection(connection.id)).toBeUndefined();
    expect(await stores().connection(kept.id)).toBeDefined();
    for (const name of ['ada', 'grace', 'linus'])
      expect(await memberOf(stores().durable, id, await stores().account(name))).toBeUndefined();
    expect((await stores().events(id)).at(-1)).toMatchObject({
      action: 'organization.removed',
      details: { name: 'Acme Robotics' },
    });
  });

  test('is refused for a personal organization', async () => {
    const id = await stores().organization('Ada Lovelace (personal)');
    await expect(removeOrganization(stores(), operator, id)).rejects.toMatchObject({ code: 'forbidden' });
    expect(await stores().organization('Ada Lovelace (personal)')).toBe(id);
  });

  test('is refused to a plain member', async () => {
    const id = await stores().organization('Acme Robotics');
    await expect(removeOrganization(stores(), await stores().actor('linus'), id)).rejects.toMatchObject({
      code: 'forbidden',
    });
  });
});

describe('removing connections', () => {
  const connectAll = async () => ({
    linusAtAcme: (await stores().connect('linus', 'Acme Robotics')).id,
    linusAtHome: (await stores().connect('linus', 'Linus Torvalds (personal)')).id,
    graceAtAcme: (await stores().connect('grace', 'Acme Robotics')).id,
  });
  const left = async (all: Record<string, string>): Promise<string[]> => {
    const found = await Promise.all(
      Object.entries(all).map(async ([name, id]) => ((await stores().connection(id)) ? [name] : [])),
    );
    return found.flat();
  };

  test('of an account: everywhere, and each organization’s audit log says so', async () => {
    const all = await connectAll();
    const ended = await removeConnections(stores(), operator, { accountId: await stores().account('linus') });
    expect(ended).toBe(2);
    expect(await left(all)).toEqual(['graceAtAcme']);
    for (const name of ['Acme Robotics', 'Linus Torvalds (personal)'])
      expect((await stores().events(await stores().organization(name))).at(-1)).toMatchObject({
        action: 'connection.removed',
        details: { connections: 1 },
      });
  });

  test('of an organization: everybody’s', async () => {
    const all = await connectAll();
    await removeConnections(stores(), operator, { organizationId: await stores().organization('Acme Robotics') });
    expect(await left(all)).toEqual(['linusAtHome']);
  });

  test('of a member: those alone', async () => {
    const all = await connectAll();
    const member = {
      accountId: await stores().account('linus'),
      organizationId: await stores().organization('Acme Robotics'),
    };
    expect((await activeConnections(stores().durable, member)).map(({ id }) => id)).toEqual([all.linusAtAcme]);
    await removeConnections(stores(), operator, member);
    expect(await left(all)).toEqual(['linusAtHome', 'graceAtAcme']);
  });
});
