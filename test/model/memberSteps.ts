/** What admins and people do about memberships: invite, accept, change roles, remove members. */
import { expect } from '@jest/globals';
import fc from 'fast-check';
import { compareList } from './compare.js';
import { kindOfStep, organization, pick, server, some } from './sequence.js';
import type { RoleAssignment } from './things.js';

const ROLES: readonly (readonly RoleAssignment[])[] = [
  [{ role: 'account-admin' }],
  [{ role: 'insights' }],
  [{ role: 'app-viewer', app: 'storefront' }],
];
const roles = fc.constantFrom(...ROLES);

const rolesForm = (assignments: readonly RoleAssignment[]): Record<string, string> =>
  Object.fromEntries(
    assignments.flatMap(({ role, app }, n): [string, string][] =>
      app === undefined
        ? [[`role:${role}`, 'on']]
        : [
            [`scoped-${n}`, role],
            [`app-${n}`, app],
            [`keyset-${n}`, ''],
          ],
    ),
  );

type Membership = {
  actor: number;
  organization: number;
  person: number;
  roles: readonly RoleAssignment[];
  server: number;
};

const invite = kindOfStep<Membership>('invite', async ({ directory }, { reality }, args) => {
  const [actor, where] = [pick(directory.people, args.actor), pick(directory.organizations, args.organization)];
  const invited = pick(directory.people, args.person);
  const expected = directory.invite(actor, where, invited, args.roles);
  const fields = { email: invited.email, ...rolesForm(args.roles) };
  const answer = await reality.post(actor, `/organizations/${where.id}/members/add`, fields, args.server);
  expect(answer.status).toBe(typeof expected === 'number' ? expected : 303);
  if (typeof expected !== 'number')
    expected.token = await reality.invitationToken(actor, `/organizations/${where.id}/members?done=link`);
});

const accept = kindOfStep<{ invitation: number; person: number; server: number }>(
  'accept',
  async ({ directory }, { reality }, args) => {
    const invitation = pick(directory.invitations, args.invitation);
    const person = pick([...directory.people, ...directory.people.map(() => invitation.invited)], args.person);
    const expected = directory.accept(person, invitation);
    const answer = await reality.post(person, `/invitations/${invitation.token}`, {}, args.server);
    expect(answer.status).toBe(expected);
  },
  ({ directory }) => directory.invitations.length > 0,
);

const changeRoles = kindOfStep<Membership>('changeRoles', async ({ directory }, { reality }, args) => {
  const [actor, where] = [pick(directory.people, args.actor), pick(directory.organizations, args.organization)];
  const member = pick(directory.people, args.person);
  const expected = directory.changeRoles(actor, where, member, args.roles);
  const path = `/organizations/${where.id}/members/${member.accountId}/roles`;
  expect((await reality.post(actor, path, rolesForm(args.roles), args.server)).status).toBe(expected);
});

const removeMember = kindOfStep<Membership>('removeMember', async (model, served, args) => {
  const { directory } = model;
  const [actor, where] = [pick(directory.people, args.actor), pick(directory.organizations, args.organization)];
  const member = pick(directory.people, args.person);
  const expected = directory.removeMember(actor, where, member);
  const path = `/organizations/${where.id}/members/${member.accountId}/remove`;
  expect((await served.reality.post(actor, path, {}, args.server)).status).toBe(expected);
  await compareList(model, served, member, args.server);
});

const membership = fc.record({ actor: some, organization, person: some, roles, server });

export const memberSteps = [
  { weight: 2, arbitrary: membership.map(invite) },
  { weight: 4, arbitrary: fc.record({ invitation: fc.nat({ max: 3 }), person: some, server }).map(accept) },
  { weight: 2, arbitrary: membership.map(changeRoles) },
  { weight: 2, arbitrary: membership.map(removeMember) },
];
