import { describe, expect, test } from '@jest/globals';
import { addMember } from '../../src/organizations/addMember.js';
import { changeRoles } from '../../src/organizations/changeRoles.js';
import { memberOf } from '../../src/organizations/findOrganization.js';
import { membersOf } from '../../src/organizations/membersOf.js';
import { removeMember } from '../../src/organizations/removeMember.js';
import type { RoleAssignment } from '../../src/stores/records/role.js';
import { operator, storesOfEachTest } from './demoStores.js';

const stores = storesOfEachTest('demo');
const ends = async (person: string, organization: string) => ({
  organizationId: await stores().organization(organization),
  accountId: await stores().account(person),
});
const insights: RoleAssignment[] = [{ role: 'insights' }];

const rolesOf = async (person: string, organization: string): Promise<RoleAssignment[] | undefined> => {
  const { organizationId, accountId } = await ends(person, organization);
  return (await memberOf(stores().durable, organizationId, accountId))?.roles;
};

describe('adding a member', () => {
  test('writes the membership and who added it', async () => {
    const where = await ends('grace', 'Closed Circuit');
    const linus = await stores().actor('linus');
    await addMember(stores(), linus, { ...where, roles: insights });
    expect(await rolesOf('grace', 'Closed Circuit')).toEqual(insights);
    expect((await stores().events(where.organizationId)).at(-1)).toMatchObject({
      action: 'member.added',
      actor: linus,
      accountId: where.accountId,
      details: { roles: 'PubNub Insights' },
    });
  });

  test('nobody can be added to a personal organization', async () => {
    const where = await ends('grace', 'Ada Lovelace (personal)');
    for (const actor of [operator, await stores().actor('ada')])
      await expect(addMember(stores(), actor, { ...where, roles: insights })).rejects.toMatchObject({
        code: 'forbidden',
      });
    expect(await rolesOf('grace', 'Ada Lovelace (personal)')).toBeUndefined();
  });

  test('roles that exclude each other are refused by name, and nothing is written', async () => {
    const where = await ends('grace', 'Closed Circuit');
    const before = await stores().events(where.organizationId);
    const roles: RoleAssignment[] = [{ role: 'functions-viewer' }, { role: 'functions-developer' }];
    await expect(addMember(stores(), operator, { ...where, roles })).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringMatching(/Functions Viewer.*Functions Developer/),
    });
    expect(await rolesOf('grace', 'Closed Circuit')).toBeUndefined();
    expect(await stores().events(where.organizationId)).toEqual(before);
  });

  test('the account owner’s role cannot be given away', async () => {
    const where = await ends('grace', 'Closed Circuit');
    await expect(addMember(stores(), operator, { ...where, roles: [{ role: 'account-owner' }] })).rejects.toMatchObject(
      { code: 'invalid' },
    );
  });

  test('somebody who is a member already keeps their roles', async () => {
    const where = await ends('linus', 'Acme Robotics');
    await expect(addMember(stores(), operator, { ...where, roles: insights })).rejects.toMatchObject({
      code: 'conflict',
    });
    expect(await rolesOf('linus', 'Acme Robotics')).toEqual([{ role: 'app-viewer', app: 'storefront' }]);
  });

  test('of many who add the same account at once, one does', async () => {
    const where = await ends('grace', 'Closed Circuit');
    const attempts = Array.from({ length: 10 }, () => addMember(stores(), operator, { ...where, roles: insights }));
    const outcomes = await Promise.allSettled(attempts);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const outcome of outcomes)
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'conflict' });
  });

  test('an unknown account or organization is not found', async () => {
    const { organizationId, accountId } = await ends('grace', 'Closed Circuit');
    for (const where of [
      { organizationId, accountId: 'acc_unknown' },
      { organizationId: 'org_unknown', accountId },
    ])
      await expect(addMember(stores(), operator, { ...where, roles: insights })).rejects.toMatchObject({
        code: 'not-found',
      });
  });
});

describe('changing roles', () => {
  test('replaces all of them and writes what they were', async () => {
    const where = await ends('linus', 'Acme Robotics');
    await changeRoles(stores(), await stores().actor('grace'), { ...where, roles: insights });
    expect(await rolesOf('linus', 'Acme Robotics')).toEqual(insights);
    expect((await stores().events(where.organizationId)).at(-1)).toMatchObject({
      action: 'member.roles-changed',
      details: { roles: 'PubNub Insights', before: 'App Viewer of app "storefront"' },
    });
  });

  test('the same roles again write nothing', async () => {
    const where = await ends('linus', 'Acme Robotics');
    const before = await stores().events(where.organizationId);
    await changeRoles(stores(), operator, { ...where, roles: [{ role: 'app-viewer', app: 'storefront' }] });
    expect(await stores().events(where.organizationId)).toEqual(before);
  });

  test('roles that exclude each other are refused and the old ones stay', async () => {
    const where = await ends('linus', 'Acme Robotics');
    const roles: RoleAssignment[] = [{ role: 'account-admin' }, { role: 'insights' }];
    await expect(changeRoles(stores(), operator, { ...where, roles })).rejects.toMatchObject({ code: 'conflict' });
    expect(await rolesOf('linus', 'Acme Robotics')).toEqual([{ role: 'app-viewer', app: 'storefront' }]);
  });

  test('an account admin can give up that role', async () => {
    const where = await ends('grace', 'Acme Robotics');
    await changeRoles(stores(), await stores().actor('grace'), { ...where, roles: insights });
    expect(await rolesOf('grace', 'Acme Robotics')).toEqual(insights);
  });
});

describe('removing a member', () => {
  test('ends that member’s connections there, pending ones too, and no others', async () => {
    const gone = [
      await stores().connect('linus', 'Acme Robotics'),
      await stores().connect('linus', 'Acme Robotics', 'pending'),
    ];
    const kept = [
      await stores().connect('linus', 'Closed Circuit'),
      await stores().connect('grace', 'Acme Robotics'),
      await stores().connect('linus', 'Linus Torvalds (personal)'),
    ];
    const { organizationId, accountId } = await ends('linus', 'Acme Robotics');
    const ended = await removeMember(stores(), await stores().actor('ada'), organizationId, accountId);
    expect(ended).toEqual({ connections: 1 });
    expect(await rolesOf('linus', 'Acme Robotics')).toBeUndefined();
    for (const { id } of gone) expect(await stores().connection(id)).toBeUndefined();
    for (const { id } of kept) expect(await stores().connection(id)).toBeDefined();
    expect((await stores().events(organizationId)).at(-1)).toMatchObject({
      action: 'member.removed',
      accountId,
      details: { connections: 1 },
    });
  });

  test('re-joining revives nothing', async () => {
    const { id } = await stores().connect('linus', 'Acme Robotics');
    const where = await ends('linus', 'Acme Robotics');
    await removeMember(stores(), operator, where.organizationId, where.accountId);
    await addMember(stores(), operator, { ...where, roles: insights });
    expect(await stores().connection(id)).toBeUndefined();
  });

  test('twice: the second time there is no such member', async () => {
    const { organizationId, accountId } = await ends('linus', 'Acme Robotics');
    await removeMember(stores(), operator, organizationId, accountId);
    await expect(removeMember(stores(), operator, organizationId, accountId)).rejects.toMatchObject({
      code: 'not-found',
    });
  });
});

describe('the account owner', () => {
  test.each(['operator', 'grace', 'ada'])('is not removed or given other roles by %s', async (who) => {
    const actor = who === 'operator' ? operator : await stores().actor(who);
    const where = await ends('ada', 'Acme Robotics');
    await expect(removeMember(stores(), actor, where.organizationId, where.accountId)).rejects.toMatchObject({
      code: 'forbidden',
    });
    await expect(changeRoles(stores(), actor, { ...where, roles: insights })).rejects.toMatchObject({
      code: 'forbidden',
    });
    expect(await rolesOf('ada', 'Acme Robotics')).toEqual([{ role: 'account-owner' }]);
  });

  test('is listed first, whoever joined before', async () => {
    const id = await stores().organization('Closed Circuit');
    const listed = await membersOf(stores().durable, id);
    expect(listed.map(({ account }) => account.email)).toEqual(['linus@example.com', 'ada@example.com']);
  });
});

describe('who may manage members', () => {
  test('a plain member is told who may', async () => {
    const linus = await stores().actor('linus');
    const { organizationId, accountId } = await ends('grace', 'Acme Robotics');
    const refused = { code: 'forbidden', message: expect.stringContaining('account owner and account admins') };
    await expect(removeMember(stores(), linus, organizationId, accountId)).rejects.toMatchObject(refused);
    await expect(changeRoles(stores(), linus, { organizationId, accountId, roles: insights })).rejects.toMatchObject(
      refused,
    );
    await expect(addMember(stores(), linus, { organizationId, accountId, roles: insights })).rejects.toMatchObject(
      refused,
    );
    expect(await rolesOf('grace', 'Acme Robotics')).toEqual([{ role: 'account-admin' }]);
  });

  test('for somebody who is no member the organization is not there', async () => {
    const grace = await stores().actor('grace');
    const { organizationId, accountId } = await ends('ada', 'Closed Circuit');
    await expect(removeMember(stores(), grace, organizationId, accountId)).rejects.toMatchObject({ code: 'not-found' });
  });

  test('a client may not', async () => {
    const client = { kind: 'client', clientId: 'dcr_1' } as const;
    const { organizationId, accountId } = await ends('linus', 'Acme Robotics');
    await expect(removeMember(stores(), client, organizationId, accountId)).rejects.toMatchObject({
      code: 'forbidden',
    });
  });
});
