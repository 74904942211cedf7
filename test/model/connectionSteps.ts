/** What ends connections or rejects them: people and admins remove them, the switch is moved; and what people see of it. */
import { expect } from '@jest/globals';
import fc from 'fast-check';
import { compareConnections, compareList } from './compare.js';
import { kindOfStep, type Modelled, organization, pick, server, some } from './sequence.js';
import type { ModelConnection } from './things.js';

const named = ({ directory }: Modelled): ModelConnection[] =>
  directory.rules.connections.filter(({ id }) => id !== undefined);
const hasNamed = (model: Modelled): boolean => named(model).length > 0;

type Removal = { connection: number; person: number; server: number };

const removeOwn = kindOfStep<Removal>(
  'removeOwn',
  async (model, served, args) => {
    const connection = pick(named(model), args.connection);
    const person = pick([...model.directory.people, connection.person], args.person);
    const own = connection.person === person && model.directory.rules.isActive(connection);
    const answer = await served.reality.post(person, `/account/connections/${connection.id}/remove`, {}, args.server);
    expect(answer.status).toBe(own ? 303 : 404);
    if (own) connection.status = 'removed';
    await compareConnections(model, served, [connection], args.server);
  },
  hasNamed,
);

const removeOthers = kindOfStep<Removal>(
  'removeOthers',
  async (model, served, args) => {
    const connection = pick(named(model), args.connection);
    const { id } = connection.organization;
    const actor = pick(model.directory.people, args.person);
    const allowed = model.directory.mayRemoveOthers(actor, connection.organization);
    const there = model.directory.rules.isActive(connection);
    const path = `/organizations/${id}/connections/${connection.id}/remove`;
    const answer = await served.reality.post(actor, path, {}, args.server);
    expect(answer.status).toBe(allowed === 303 && !there ? 404 : allowed);
    if (answer.status === 303) connection.status = 'removed';
    await compareConnections(model, served, [connection], args.server);
  },
  hasNamed,
);

const moveSwitch = kindOfStep<{ actor: number; organization: number; on: boolean; removing: boolean; server: number }>(
  'moveSwitch',
  async (model, served, args) => {
    const { directory } = model;
    const [actor, where] = [pick(directory.people, args.actor), pick(directory.organizations, args.organization)];
    const expected = directory.switchMcpAccess(actor, where, args.on, args.removing);
    const fields = { mcp_access: args.on ? 'on' : 'off', ...(args.removing ? { remove_connections: 'on' } : {}) };
    const path = `/organizations/${where.id}/settings/mcp-access`;
    const answer = await served.reality.post(actor, path, fields, args.server);
    expect(answer.status).toBe(expected);
    const affected = directory.rules.connections.filter((one) => one.organization === where);
    await compareConnections(model, served, affected, args.server);
  },
);

const list = kindOfStep<{ person: number; server: number }>('list', (model, served, { person, server }) =>
  compareList(model, served, pick(model.directory.people, person), server),
);

export const connectionSteps = [
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
  { weight: 2, arbitrary: fc.record({ person: some, server }).map(list) },
];
