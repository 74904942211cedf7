/** What the operator sees of an organization beside what the model says: its members, its active connections. */
import { expect } from '@jest/globals';
import type { Modelled, Served } from './sequence.js';
import type { ModelConnection, ModelOrganization } from './things.js';

/** More than a sequence makes. */
const LIMIT = 200;

/** Who belongs to an organization, with which roles. */
export async function compareMembers({ reality }: Served, organization: ModelOrganization, server: number) {
  const path = `/organizations/${organization.id}/members?limit=${LIMIT}`;
  const { json } = await reality.operate('GET', path, server);
  const members = (json.items as { accountId: string; roles: unknown }[]).map(({ accountId, roles }) => ({
    accountId,
    roles,
  }));
  const expected = [...organization.roles].map(([{ accountId }, roles]) => ({ accountId, roles: [...roles] }));
  expect(members).toHaveLength(expected.length);
  expect(members).toEqual(expect.arrayContaining(expected));
}

const shown = ({ id, person, organization, resource, scope, endsAt }: ModelConnection) => ({
  id,
  accountId: person.accountId,
  organizationId: organization.id,
  clientName: 'Raw test client',
  resource: resource.indicator,
  scope,
  expiresAt: new Date(endsAt).toISOString(),
});

/** Which connections are there, whatever became of their tokens. */
export async function compareConnectionsOf(
  { directory: { rules } }: Modelled,
  { reality }: Served,
  organization: ModelOrganization,
  server: number,
) {
  const path = `/connections?organizationId=${organization.id}&limit=${LIMIT}`;
  const { json } = await reality.operate('GET', path, server);
  const expected = rules.connections.filter((one) => one.organization === organization && rules.isActive(one));
  const listed = json.items as { id: string }[];
  expect(listed.map(({ id }) => id).toSorted()).toEqual(expected.map(({ id }) => id).toSorted());
  for (const one of expected) expect(listed.find(({ id }) => id === one.id)).toMatchObject(shown(one));
}
