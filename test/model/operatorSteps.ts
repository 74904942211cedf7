/** What the operator's backend does by the Admin API: memberships, the switch, connections. */
import { expect } from '@jest/globals';
import fc from 'fast-check';
import { compareConnections } from './compare.js';
import { compareConnectionsOf, compareMembers } from './compareOrganization.js';
import { connectionOf, on } from './connectionSteps.js';
import type { Refusal } from './directoryRules.js';
import { memberIn, roles } from './memberSteps.js';
import { kindOfStep, organization, pick, rarely, server, some } from './sequence.js';
import type { ModelConnection, RoleAssignment } from './things.js';

type Membership = { organization: number; person: number; roles: readonly RoleAssignment[]; server: number };

const putMember = kindOfStep<Membership>('putMember', async (model, served, args) => {
  const { organizations, people, rules } = model.directory;
  const [where, member] = [pick(organizations, args.organization), pick(people, args.person)];
  const refusal = rules.decisions.refusal<Refusal>({
    "the operator's change of the owner": where.owner === member && 403,
    "the operator's guest in a personal organization": where.personal && where.owner !== member && 403,
  });
  const done = where.roles.has(member) ? 200 : 201;
  if (!refusal) model.directory.setRoles(where, member, args.roles);
  const path = `/organizations/${where.id}/members/${member.accountId}`;
  const answer = await served.reality.operate('PUT', path, args.server, { roles: args.roles });
  expect(answer.status).toBe(refusal ?? done);
  await compareMembers(served, where, args.server);
});

const deleteMember = kindOfStep<Membership>('deleteMember', async (model, served, args) => {
  const { directory } = model;
  const where = pick(directory.organizations, args.organization);
  const member = memberIn(model, where, args.person);
  const refusal = directory.refusalToManage(where, member, "the operator's removal");
  if (!refusal) directory.removeMember(where, member);
  const path = `/organizations/${where.id}/members/${member.accountId}`;
  expect((await served.reality.operate('DELETE', path, args.server)).status).toBe(refusal ?? 204);
  await compareMembers(served, where, args.server);
  await compareConnectionsOf(model, served, where, args.server);
});

type Switch = { organization: number; on: boolean; removing: boolean; server: number };

const putMcpAccess = kindOfStep<Switch>('putMcpAccess', async (model, served, args) => {
  const { directory } = model;
  const where = pick(directory.organizations, args.organization);
  directory.switchMcpAccess(where, args.on, args.removing);
  const count = directory.rules.connections.filter(
    (one) => one.organization === where && directory.rules.isActive(one),
  ).length;
  const body = { enabled: args.on, removeConnections: args.removing };
  const answer = await served.reality.operate('PUT', `/organizations/${where.id}/mcp-access`, args.server, body);
  expect(answer.json).toMatchObject({ enabled: args.on, activeConnections: { count, more: false } });
  await compareConnectionsOf(model, served, where, args.server);
});

type Removal = { connection: number; server: number };

const deleteConnection = kindOfStep<Removal>(
  'deleteConnection',
  async (model, served, args) => {
    const connection = connectionOf(model, args.connection) as ModelConnection;
    const there = model.directory.rules.isActive(connection);
    connection.status = 'removed';
    const answer = await served.reality.operate('DELETE', `/connections/${connection.id}`, args.server);
    expect(answer.status).toBe(there ? 204 : 404);
    await compareConnections(model, served, [connection], args.server);
  },
  (model, { connection }) => connectionOf(model, connection) !== undefined,
);

/** All of a member: those that wait for their code too. */
const deleteConnections = kindOfStep<Membership>('deleteConnections', async (model, served, args) => {
  const { directory } = model;
  const where = pick(directory.organizations, args.organization);
  const member = memberIn(model, where, args.person);
  const own = directory.rules.connections.filter((one) => one.organization === where && one.person === member);
  const removed = own.filter((one) => directory.rules.isActive(one)).length;
  directory.removeConnections(where, member);
  const path = `/connections?organizationId=${where.id}&accountId=${member.accountId}`;
  const { status, json } = await served.reality.operate('DELETE', path, args.server);
  expect({ status, json }).toEqual({ status: 200, json: { removed } });
  await compareConnectionsOf(model, served, where, args.server);
});

const membership = fc.record({ organization, person: some, roles, server });

export const operatorSteps = [
  { weight: 2, arbitrary: membership.map(putMember) },
  { weight: 0.5, arbitrary: membership.map(deleteMember) },
  { weight: 1, arbitrary: fc.record({ organization, on, removing: rarely, server }).map(putMcpAccess) },
  { weight: 0.5, arbitrary: fc.record({ connection: some, server }).map(deleteConnection) },
  { weight: 0.5, arbitrary: membership.map(deleteConnections) },
];
