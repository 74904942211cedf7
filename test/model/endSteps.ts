/** What happens to a connection in its last minute and to an invitation at the end of its week. */
import { expect } from '@jest/globals';
import fc from 'fast-check';
import { compareConnections } from './compare.js';
import { SECOND } from './moments.js';
import { kindOfStep, type Modelled, pickTelling, type Served, some } from './sequence.js';
import type { ModelInvitation, ModelRefreshToken } from './things.js';
import { isUsable, refreshed } from './tokenSteps.js';

async function advanceTo({ directory: { rules } }: Modelled, served: Served, moment: number): Promise<void> {
  const ms = moment - rules.now;
  if (ms <= 0) return;
  rules.now += ms;
  await served.advance(ms);
}

/** The newest refresh token of a connection, mostly of one that works; most often it is not used yet. */
const newestOf = ({ directory: { rules } }: Modelled, n: number): ModelRefreshToken | undefined => {
  const named = rules.connections.filter(({ id }) => id !== undefined);
  const connection = pickTelling(named, (one) => rules.isUsable(one), n);
  return rules.refreshTokens.findLast((token) => token.connection === connection);
};

const REFRESH = { token: 0, another: false, scope: undefined, resource: false, server: 0 };

/** Rule 2: refreshing does not prolong a connection, and no token outlives it. */
const lastMinute = kindOfStep<{ connection: number }>(
  'lastMinute',
  async (model, served, args) => {
    const token = newestOf(model, args.connection) as ModelRefreshToken;
    const { connection } = token;
    await advanceTo(model, served, connection.endsAt - 60 * SECOND);
    await refreshed(model, served, token, REFRESH);
    await advanceTo(model, served, connection.endsAt);
    await compareConnections(model, served, [connection], 1);
    await refreshed(model, served, token.response?.refresh ?? token, REFRESH);
  },
  (model, { connection }) => isUsable(model, newestOf(model, connection)),
);

const afterTheWeek = kindOfStep<{ invitation: number }>(
  'afterTheWeek',
  async (model, served, args) => {
    const { directory } = model;
    const isOpen = (one: ModelInvitation) => directory.isOpen(one);
    const invitation = pickTelling(directory.invitations, isOpen, args.invitation);
    await advanceTo(model, served, invitation.expiresAt);
    const refusal = directory.accept(invitation.invited, invitation);
    const answer = await served.reality.post(invitation.invited, `/invitations/${invitation.token}`, {}, 0);
    expect(answer.status).toBe(refusal);
  },
  ({ directory }) => directory.invitations.length > 0,
);

export const endSteps = [
  { weight: 0.6, arbitrary: fc.record({ connection: some }).map(lastMinute) },
  { weight: 0.4, arbitrary: fc.record({ invitation: some }).map(afterTheWeek) },
];
