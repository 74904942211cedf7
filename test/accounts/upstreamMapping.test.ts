/** Roles that claims of the upstream give, and take away again. */
import { describe, expect, test } from '@jest/globals';
import { inviteMember } from '../../src/accounts/invitations/inviteMember.js';
import { openInvitation } from '../../src/accounts/invitations/openInvitation.js';
import { applyMapping } from '../../src/accounts/upstream/applyMapping.js';
import type { Claims } from '../../src/accounts/upstream/identity.js';
import type { MappingRule } from '../../src/accounts/upstream/settings.js';
import { addMember } from '../../src/organizations/addMember.js';
import { changeRoles } from '../../src/organizations/changeRoles.js';
import { memberOf } from '../../src/organizations/findOrganization.js';
import { removeMember } from '../../src/organizations/removeMember.js';
import { invitations } from '../../src/stores/records/invitation.js';
import type { RoleAssignment } from '../../src/stores/records/role.js';
import { operator, storesOfEachTest } from '../organizations/demoStores.js';

const stores = storesOfEachTest('demo');
const ADMIN: RoleAssignment = { role: 'account-admin' };
const INSIGHTS: RoleAssignment = { role: 'insights' };
const VIEWER: RoleAssignment = { role: 'app-viewer', app: 'storefront' };
const DEVELOPER: RoleAssignment = { role: 'functions-developer' };

/** Rules for Beacon Labs, where Linus is no member: the group of this name gives the role. */
const rulesFor = async (
  rules: Record<string, RoleAssignment>,
  organization = 'Beacon Labs',
): Promise<MappingRule[]> => {
  const organizationId = await stores().organization(organization);
  return Object.entries(rules).map(
    ([value, role]) => ({ claim: 'groups', value, organizationId, ...role }) as MappingRule,
  );
};
const groups = (...names: string[]): Claims => ({ groups: names });
const apply = async (mapping: MappingRule[], claims: Claims, name = 'linus') =>
  applyMapping(stores(), await stores().account(name), mapping, claims);
const ids = async (name = 'linus', organization = 'Beacon Labs') => ({
  accountId: await stores().account(name),
  organizationId: await stores().organization(organization),
});
const rolesOf = async (name = 'linus', organization = 'Beacon Labs') => {
  const { accountId, organizationId } = await ids(name, organization);
  return (await memberOf(stores().durable, organizationId, accountId))?.roles;
};

describe('a claim', () => {
  test('leaves a role out of which the member would have too many, and keeps nobody from signing in', async () => {
    const roles = Array.from({ length: 200 }, (_, n): RoleAssignment => ({ role: 'app-viewer', app: `app-${n}` }));
    await addMember(stores(), operator, { ...(await ids()), roles });
    expect(await apply(await rulesFor({ staff: INSIGHTS }), groups('staff'))).toEqual([
      expect.stringContaining('PubNub Insights is left out'),
    ]);
    expect(await rolesOf()).toEqual(roles);
  });

  test('makes a member with its role, with an audit event that says why', async () => {
    const mapping = await rulesFor({ staff: INSIGHTS });
    expect(await apply(mapping, groups('staff'))).toEqual([]);
    expect(await rolesOf()).toEqual([INSIGHTS]);
    const { organizationId } = await ids();
    const [, event] = (await stores().events(organizationId)).slice(-2);
    expect(event).toMatchObject({
      action: 'member.added',
      actor: { kind: 'operator' },
      details: { roles: 'PubNub Insights', by: 'by claims of the upstream' },
    });
  });

  test('with several rules gives all of their roles', async () => {
    await apply(await rulesFor({ staff: INSIGHTS, shop: VIEWER }), groups('shop', 'staff', 'others'));
    expect(await rolesOf()).toEqual([INSIGHTS, VIEWER]);
  });

  test.each<[string, Claims, boolean]>([
    ['a list with the value', { groups: ['staff'] }, true],
    ['the value itself', { groups: 'staff' }, true],
    ['a longer value', { groups: 'staff2' }, false],
    ['another value', { groups: ['Staff'] }, false],
    ['an object', { groups: { staff: true } }, false],
    ['nothing', {}, false],
    ['what every object has', { constructor: 'staff' }, false],
  ])('that is %s counts as it should', async (_what, claims, member) => {
    await apply(await rulesFor({ staff: INSIGHTS }), claims);
    expect(await rolesOf()).toEqual(member ? [INSIGHTS] : undefined);
  });

  test('changes the role when it changes', async () => {
    const mapping = await rulesFor({ admins: ADMIN, staff: INSIGHTS });
    await apply(mapping, groups('staff'));
    await apply(mapping, groups('admins'));
    expect(await rolesOf()).toEqual([ADMIN]);
  });

  test('that stays the same writes nothing', async () => {
    const mapping = await rulesFor({ staff: INSIGHTS });
    await apply(mapping, groups('staff'));
    const { organizationId, accountId } = await ids();
    const before = await memberOf(stores().durable, organizationId, accountId);
    await apply(mapping, groups('staff'));
    expect(await memberOf(stores().durable, organizationId, accountId)).toEqual(before);
  });

  test('with roles that exclude each other gives the one that the operator wrote first, and says so', async () => {
    const problems = await apply(await rulesFor({ staff: INSIGHTS, admins: ADMIN }), groups('admins', 'staff'));
    expect(await rolesOf()).toEqual([INSIGHTS]);
    expect(problems).toEqual([expect.stringMatching(/Account Admin is left out, it does not go with other roles/)]);
  });
});

describe('a lost claim', () => {
  test('ends the membership that it gave, and its connections at once', async () => {
    const mapping = await rulesFor({ staff: INSIGHTS });
    await apply(mapping, groups('staff'));
    const connection = await stores().connect('linus', 'Beacon Labs');
    await apply(mapping, groups());
    expect(await rolesOf()).toBeUndefined();
    expect(await stores().connection(connection.id)).toBeUndefined();
  });

  test('also of a rule that the operator took out', async () => {
    await apply(await rulesFor({ staff: INSIGHTS }), groups('staff'));
    await apply([], groups('staff'));
    expect(await rolesOf()).toBeUndefined();
  });

  test('leaves what an admin gave, the membership included', async () => {
    const mapping = await rulesFor({ staff: INSIGHTS, shop: VIEWER });
    await addMember(stores(), operator, { ...(await ids()), roles: [VIEWER] });
    const connection = await stores().connect('linus', 'Beacon Labs');
    await apply(mapping, groups('staff', 'shop'));
    expect(await rolesOf()).toEqual([VIEWER, INSIGHTS]);
    await apply(mapping, groups());
    expect(await rolesOf()).toEqual([VIEWER]);
    expect(await stores().connection(connection.id)).toBeDefined();
  });

  test('leaves a role that an admin took away and gave again', async () => {
    const mapping = await rulesFor({ staff: INSIGHTS });
    await apply(mapping, groups('staff'));
    await changeRoles(stores(), operator, { ...(await ids()), roles: [DEVELOPER] });
    await changeRoles(stores(), operator, { ...(await ids()), roles: [INSIGHTS] });
    await apply(mapping, groups());
    expect(await rolesOf()).toEqual([INSIGHTS]);
  });

  test('takes its role away also when an admin gave others meanwhile', async () => {
    const mapping = await rulesFor({ staff: INSIGHTS });
    await apply(mapping, groups('staff'));
    await changeRoles(stores(), operator, { ...(await ids()), roles: [INSIGHTS, DEVELOPER] });
    await apply(mapping, groups());
    expect(await rolesOf()).toEqual([DEVELOPER]);
  });

  test('is none where the upstream says that the claim is to be had elsewhere', async () => {
    const mapping = await rulesFor({ staff: INSIGHTS, admins: ADMIN });
    await apply(mapping, groups('staff'));
    await apply(mapping, { _claim_names: { groups: 'src1' } });
    expect(await rolesOf()).toEqual([INSIGHTS]);
  });
});

describe('a mapping', () => {
  test('leaves an admin’s role that excludes its own as it is', async () => {
    await addMember(stores(), operator, { ...(await ids()), roles: [ADMIN] });
    const problems = await apply(await rulesFor({ staff: INSIGHTS }), groups('staff'));
    expect(await rolesOf()).toEqual([ADMIN]);
    expect(problems).toHaveLength(1);
  });

  test('never touches the account owner', async () => {
    const mapping = await rulesFor({ staff: INSIGHTS });
    expect(await apply(mapping, groups('staff'), 'grace')).toEqual([]);
    await apply(mapping, groups(), 'grace');
    expect(await rolesOf('grace')).toEqual([{ role: 'account-owner' }]);
  });

  test('makes nobody a member of a personal organization, or of one that is gone', async () => {
    const personal = await rulesFor({ staff: INSIGHTS }, 'Grace Hopper (personal)');
    const gone = personal.map((rule) => ({ ...rule, organizationId: 'org_gone' }));
    expect(await apply([...personal, ...gone], groups('staff'))).toEqual([
      expect.stringMatching(/Nobody can be added to a personal organization/),
      expect.stringMatching(/org_gone: There is no organization/),
    ]);
  });

  test('brings somebody back whom an admin removed, with new connections only', async () => {
    const mapping = await rulesFor({ staff: INSIGHTS });
    await apply(mapping, groups('staff'));
    const connection = await stores().connect('linus', 'Beacon Labs');
    const { organizationId, accountId } = await ids();
    await removeMember(stores(), operator, organizationId, accountId);
    await apply(mapping, groups('staff'));
    expect(await rolesOf()).toEqual([INSIGHTS]);
    expect(await stores().connection(connection.id)).toBeUndefined();
  });

  test('applied by several sign-ins at once makes one member', async () => {
    const mapping = await rulesFor({ staff: INSIGHTS, shop: VIEWER });
    await Promise.all(Array.from({ length: 8 }, () => apply(mapping, groups('staff', 'shop'))));
    expect(await rolesOf()).toEqual([INSIGHTS, VIEWER]);
  });
});

test('a claim that is lost takes what its admin invited along', async () => {
  const mapping = await rulesFor({ admins: ADMIN });
  const { accountId, organizationId } = await ids();
  for (const lost of [groups('staff'), groups()]) {
    await apply(mapping, groups('admins'));
    const actor = { kind: 'account' as const, accountId };
    const request = { organizationId, email: 'invited@example.com', roles: [INSIGHTS], mailed: false };
    const { token } = await inviteMember(stores(), actor, request);
    await openInvitation(stores().durable, token);
    await apply(mapping, groups('admins'));
    await openInvitation(stores().durable, token);
    await apply([...mapping, ...(await rulesFor({ staff: INSIGHTS }))], lost);
    await expect(openInvitation(stores().durable, token)).rejects.toMatchObject({ code: 'not-found' });
    expect((await stores().events(organizationId)).some(({ action }) => action === 'invitation.withdrawn')).toBe(true);
    expect(await stores().durable.count(invitations, 'byOrganization', [organizationId])).toBe(0);
  }
});
