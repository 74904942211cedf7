/** What admins and people do about memberships: invite, accept, change roles, remove members. */
import { expect } from '@jest/globals';
import fc from 'fast-check';
import { compareConnections } from './compare.js';
import { compareMembers } from './compareOrganization.js';
import type { Refusal } from './directoryRules.js';
import { actorIn, kindOfStep, type Modelled, organization, pick, pickTelling, server, some } from './sequence.js';
import type { ModelInvitation, ModelOrganization, ModelPerson, RoleAssignment } from './things.js';

const ROLES: readonly (readonly RoleAssignment[])[] = [
  [{ role: 'account-admin' }],
  [{ role: 'insights' }],
  [{ role: 'app-viewer', app: 'storefront' }],
];
export const roles = fc.constantFrom(...ROLES);

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

/** A member of an organization, mostly one who can be removed. */
export const memberIn = ({ directory: { people } }: Modelled, where: ModelOrganization, n: number): ModelPerson =>
  pickTelling(people, (one) => where.roles.has(one) && where.owner !== one, n);

type Membership = {
  actor: number;
  organization: number;
  person: number;
  roles: readonly RoleAssignment[];
  server: number;
};

const invite = kindOfStep<Membership>('invite', async (model, { reality }, args) => {
  const { directory } = model;
  const where = pick(directory.organizations, args.organization);
  const actor = actorIn(model, where, args.actor);
  const invited = pickTelling(directory.people, (one) => !where.roles.has(one), args.person);
  const expected =
    directory.refusalOf(actor, where, 'invitation') ?? directory.invite(actor, where, invited, args.roles);
  const fields = { email: invited.email, ...rolesForm(args.roles) };
  const answer = await reality.post(actor, `/organizations/${where.id}/members/add`, fields, args.server);
  expect(answer.status).toBe(typeof expected === 'number' ? expected : 303);
  if (typeof expected !== 'number')
    expected.token = await reality.invitationToken(actor, `/organizations/${where.id}/members?done=link`);
});

const accept = kindOfStep<{ invitation: number; person: number; server: number }>(
  'accept',
  async (model, served, args) => {
    const { directory } = model;
    const isOpen = (one: ModelInvitation) => directory.isOpen(one);
    const invitation = pickTelling(directory.invitations, isOpen, args.invitation);
    const person = pick([...directory.people, invitation.invited, invitation.invited], args.person);
    // Once more when it worked: each works once.
    for (let refusal: Refusal | undefined, n = 0; n < 2 && refusal === undefined; n++) {
      refusal = directory.accept(person, invitation);
      const answer = await served.reality.post(person, `/invitations/${invitation.token}`, {}, args.server);
      expect(answer.status).toBe(refusal ?? 303);
    }
    await compareMembers(served, invitation.organization, args.server);
  },
  ({ directory }) => directory.invitations.length > 0,
);

const changeRoles = kindOfStep<Membership>('changeRoles', async (model, served, args) => {
  const { directory } = model;
  const where = pick(directory.organizations, args.organization);
  const [actor, member] = [actorIn(model, where, args.actor), memberIn(model, where, args.person)];
  const refusal =
    directory.refusalOf(actor, where, 'change of roles') ?? directory.refusalToManage(where, member, 'change of roles');
  if (!refusal) directory.setRoles(where, member, args.roles);
  const path = `/organizations/${where.id}/members/${member.accountId}/roles`;
  const answer = await served.reality.post(actor, path, rolesForm(args.roles), args.server);
  expect(answer.status).toBe(refusal ?? 303);
  await compareMembers(served, where, args.server);
});

const removeMember = kindOfStep<Membership>('removeMember', async (model, served, args) => {
  const { directory } = model;
  const where = pick(directory.organizations, args.organization);
  const [actor, member] = [actorIn(model, where, args.actor), memberIn(model, where, args.person)];
  const refusal = directory.refusalOf(actor, where, 'removal') ?? directory.refusalToManage(where, member, 'removal');
  const own = directory.rules.connections.filter((one) => one.organization === where && one.person === member);
  if (!refusal) directory.removeMember(where, member);
  const path = `/organizations/${where.id}/members/${member.accountId}/remove`;
  const answer = await served.reality.post(actor, path, {}, args.server);
  expect(answer.status).toBe(refusal ?? 303);
  await compareMembers(served, where, args.server);
  await compareConnections(model, served, own, args.server);
});

const membership = fc.record({ actor: some, organization, person: some, roles, server });

export const memberSteps = [
  { weight: 3, arbitrary: membership.map(invite) },
  { weight: 4, arbitrary: fc.record({ invitation: some, person: some, server }).map(accept) },
  { weight: 3, arbitrary: membership.map(changeRoles) },
  { weight: 1.5, arbitrary: membership.map(removeMember) },
];
