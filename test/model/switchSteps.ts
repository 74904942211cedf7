/** MCP access is off for a moment: what was refused meanwhile is not used up by it (docs/rules.md, 3). */
import { expect } from '@jest/globals';
import fc from 'fast-check';
import { type Choice, canConsent, choice, consented, exchanged } from './grantSteps.js';
import { kindOfStep, type Modelled, type Served, some } from './sequence.js';
import type { ModelOrganization, ModelRefreshToken } from './things.js';
import { isUsable, refreshed, refreshTokenOf, revoked } from './tokenSteps.js';

/** Does something while MCP access of an organization is off, and once more when it is on. */
async function offAndOn(
  { directory }: Modelled,
  { reality }: Served,
  where: ModelOrganization,
  step: (server: number) => Promise<void>,
): Promise<void> {
  for (const [n, enabled] of [false, true].entries()) {
    directory.switchMcpAccess(where, enabled, false);
    const { status } = await reality.operate('PUT', `/organizations/${where.id}/mcp-access`, n, { enabled });
    expect(status).toBe(200);
    await step(1 - n);
  }
}

const connectWhileOff = kindOfStep<Choice>(
  'connectWhileOff',
  async (model, served, args) => {
    const code = await consented(model, served, args);
    if (!code) return;
    await offAndOn(model, served, code.connection.organization, (n) => exchanged(model, served, code, { server: n }));
  },
  canConsent,
);

const unused = (token: number) => ({ token, used: false, off: false });

const refreshWhileOff = kindOfStep<{ token: number; before: boolean }>(
  'refreshWhileOff',
  async (model, served, { token, before }) => {
    const picked = refreshTokenOf(model, unused(token)) as ModelRefreshToken;
    const asked = { token, another: false, scope: undefined, resource: false };
    const step = (n: number) => refreshed(model, served, picked, { ...asked, server: n });
    if (before) await step(0);
    await offAndOn(model, served, picked.connection.organization, step);
  },
  (model, { token }) => isUsable(model, refreshTokenOf(model, unused(token))),
);

/** Rule 4: a client gives its tokens back whether or not they are good for anything now. */
const revokeWhileOff = kindOfStep<{ token: number }>(
  'revokeWhileOff',
  async (model, served, { token }) => {
    const picked = refreshTokenOf(model, unused(token)) as ModelRefreshToken;
    const step = (n: number) => revoked(model, served, picked, { server: n });
    await offAndOn(model, served, picked.connection.organization, step);
  },
  (model, { token }) => isUsable(model, refreshTokenOf(model, unused(token))),
);

export const switchSteps = [
  { weight: 0.7, arbitrary: fc.record(choice).map(connectWhileOff) },
  { weight: 0.7, arbitrary: fc.record({ token: some, before: fc.boolean() }).map(refreshWhileOff) },
  { weight: 0.4, arbitrary: fc.record({ token: some }).map(revokeWhileOff) },
];
