/** What people do: remove connections, move the switch, invite, accept, change roles, remove members, look at their list. */
import { expect } from '@jest/globals';
import fc from 'fast-check';
import { kindOfStep, type Modelled, pick } from './sequence.js';
import type { ModelConnection, RoleAssignment } from './things.js';

const some = fc.nat({ max: 30 });
const server = fc.nat({ max: 1 });
/** Mostly the two organizations that have other members than their owner, which stand first. */
const organization = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(4, 3) },
  { weight: 1, arbitrary: fc.nat({ max: 4 }) },
);
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

const named = ({ directory }: Modelled): ModelConnection[] =>
  directory.rules.connections.filter(({ id }) => id !== undefined);
const hasNamed = (model: Modelled): boolean => named(model).length > 0;

type Removal = { connection: number; person: number; server: number };

const removeOwn = kindOfStep<Removal>(
  'removeOwn',
  async (model, { reality }, args) => {
    const connection = pick(named(model), args.connection);
    const person = pick([...model.directory.people, connection.person], args.person);
    const own = connection.person === person && model.directory.rules.isActive(connection);
    const answer = await reality.post(person, `/account/connections/${connection.id}/remove`, {}, args.server);
    expect(answer.status).toBe(own ? 303 : 404);
    if (own) connection.status = 'removed';
  },
  hasNamed,
);

const removeOthers = kindOfStep<Removal>(
  'removeOthers',
  async (model, { reality }, args) => {
    const connection = pick(named(model), args.connection);
    const { id } = connection.organization;
    const actor = pick(model.directory.people, args.person);
    const allowed = model.directory.mayRemoveOthers(actor, connection.organization);
    const there = model.directory.rules.isActive(connection);
    const path = `/organizations/${id}/connections/${connection.id}/remove`;
    const answer = await reality.post(actor, path, {}, args.server);
    expect(answer.status).toBe(allowed === 303 && !there ? 404 : allowed);
    if (answer.status === 303) connection.status = 'removed';
  },
  hasNamed,
);

const moveSwitch = kindOfStep<{ actor: number; organization: number; on: boolean; removing: boolean; server: number }>(
  'moveSwitch',
  async ({ directory }, { reality }, args) => {
    const [actor, where] = [pick(directory.people, args.actor), pick(directory.organizations, args.organization)];
    const expected = directory.switchMcpAccess(actor, where, args.on, args.removing);
    const fields = { mcp_access: args.on ? 'on' : 'off', ...(args.removing ? { remove_connections: 'on' } : {}) };
    const answer = await reality.post(actor, `/organizations/${where.id}/settings/mcp-access`, fields, args.server);
    expect(answer.status).toBe(expected);
  },
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

const removeMember = kindOfStep<Membership>('removeMember', async ({ directory }, { reality }, args) => {
  const [actor, where] = [pick(directory.people, args.actor), pick(directory.organizations, args.organization)];
  const member = pick(directory.people, args.person);
  const expected = directory.removeMember(actor, where, member);
  const path = `/organizations/${where.id}/members/${member.accountId}/remove`;
  expect((await reality.post(actor, path, {}, args.server)).status).toBe(expected);
});

const PAGE = 25;

const list = kindOfStep<{ person: number; server: number }>('list', async (model, { reality }, args) => {
  const person = pick(model.directory.people, args.person);
  const { rules } = model.directory;
  const expected = rules.connections.filter((one) => one.person === person && rules.isActive(one)).map(({ id }) => id);
  const listed = await reality.listed(person, args.server);
  expect(listed).toHaveLength(Math.min(expected.length, PAGE));
  expect(expected).toEqual(expect.arrayContaining(listed));
});

const membership = fc.record({ actor: some, organization, person: some, roles, server });

export const directorySteps = [
  { weight: 2, arbitrary: fc.record({ connection: some, person: some, server }).map(removeOwn) },
  { weight: 2, arbitrary: fc.record({ connection: some, person: some, server }).map(removeOthers) },
  {
    weight: 4,
    arbitrary: fc
      .record({
        actor: some,
        organization,
        on: fc.nat({ max: 2 }).map((n) => n < 2),
        removing: fc.nat({ max: 4 }).map((n) => n === 0),
        server,
      })
      .map(moveSwitch),
  },
  { weight: 2, arbitrary: membership.map(invite) },
  { weight: 4, arbitrary: fc.record({ invitation: fc.nat({ max: 3 }), person: some, server }).map(accept) },
  { weight: 2, arbitrary: membership.map(changeRoles) },
  { weight: 1, arbitrary: membership.map(removeMember) },
  { weight: 2, arbitrary: fc.record({ person: some, server }).map(list) },
];
