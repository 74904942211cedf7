/** What ends connections or rejects them: people and admins remove them, the switch is moved; and what people see of it. */
import { expect } from '@jest/globals';
import fc from 'fast-check';
import { compareConnections, compareList } from './compare.js';
import type { Refusal } from './directoryRules.js';
import {
  actorIn,
  kindOfStep,
  type Modelled,
  organization,
  pick,
  pickTelling,
  rarely,
  server,
  some,
} from './sequence.js';
import type { ModelConnection } from './things.js';

/** A connection whose id is known, which it is as soon as it was active. */
export const connectionOf = ({ directory: { rules } }: Modelled, n: number): ModelConnection | undefined => {
  const named = rules.connections.filter(({ id }) => id !== undefined);
  return pickTelling(named, (one) => rules.isActive(one), n);
};

type Removal = { connection: number; person: number; server: number };
const canRemove = (model: Modelled, { connection }: Removal): boolean => connectionOf(model, connection) !== undefined;

const removeOwn = kindOfStep<Removal>(
  'removeOwn',
  async (model, served, args) => {
    const { rules, people } = model.directory;
    const connection = connectionOf(model, args.connection) as ModelConnection;
    const person = pick([...people, connection.person], args.person);
    const refusal = rules.decisions.refusal<Refusal>({
      "removal of another person's connection": connection.person !== person && 404,
      'removal of a connection that is not there': !rules.isActive(connection) && 404,
    });
    if (!refusal) connection.status = 'removed';
    const answer = await served.reality.post(person, `/account/connections/${connection.id}/remove`, {}, args.server);
    expect(answer.status).toBe(refusal ?? 303);
    await compareConnections(model, served, [connection], args.server);
  },
  canRemove,
);

const removeOthers = kindOfStep<Removal & { elsewhere: boolean }>(
  'removeOthers',
  async (model, served, args) => {
    const { directory } = model;
    const connection = connectionOf(model, args.connection) as ModelConnection;
    const where = args.elsewhere ? pick(directory.organizations, args.person) : connection.organization;
    const actor = actorIn(model, where, args.person);
    const refusal =
      directory.refusalOf(actor, where, 'removal of a connection') ??
      directory.rules.decisions.refusal<Refusal>({
        'removal of a connection of another organization': connection.organization !== where && 404,
        'removal of a connection that is not there': !directory.rules.isActive(connection) && 404,
      });
    if (!refusal) connection.status = 'removed';
    const path = `/organizations/${where.id}/connections/${connection.id}/remove`;
    const answer = await served.reality.post(actor, path, {}, args.server);
    expect(answer.status).toBe(refusal ?? 303);
    await compareConnections(model, served, [connection], args.server);
  },
  canRemove,
);

type Switch = { actor: number; organization: number; on: boolean; removing: boolean; server: number };

const moveSwitch = kindOfStep<Switch>('moveSwitch', async (model, served, args) => {
  const { directory } = model;
  const where = pick(directory.organizations, args.organization);
  const actor = actorIn(model, where, args.actor);
  const refusal = directory.refusalOf(actor, where, 'move of the switch');
  if (!refusal) directory.switchMcpAccess(where, args.on, args.removing && !args.on);
  const fields = { mcp_access: args.on ? 'on' : 'off', ...(args.removing ? { remove_connections: 'on' } : {}) };
  const path = `/organizations/${where.id}/settings/mcp-access`;
  const answer = await served.reality.post(actor, path, fields, args.server);
  expect(answer.status).toBe(refusal ?? 303);
  const affected = directory.rules.connections.filter((one) => one.organization === where);
  await compareConnections(model, served, affected, args.server);
});

const list = kindOfStep<{ person: number; server: number }>('list', (model, served, { person, server }) =>
  compareList(model, served, pick(model.directory.people, person), server),
);

/** More often on than off, so that there is something to switch off. */
export const on = fc.nat({ max: 4 }).map((n) => n < 3);

export const connectionSteps = [
  { weight: 1, arbitrary: fc.record({ connection: some, person: some, server }).map(removeOwn) },
  {
    weight: 1,
    arbitrary: fc.record({ connection: some, person: some, elsewhere: rarely, server }).map(removeOthers),
  },
  { weight: 5, arbitrary: fc.record({ actor: some, organization, on, removing: rarely, server }).map(moveSwitch) },
  { weight: 2, arbitrary: fc.record({ person: some, server }).map(list) },
];
