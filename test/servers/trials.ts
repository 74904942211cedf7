/** What one process has answered holds in every other process at the very next introspection, tried again and again. */
import { expect, test } from '@jest/globals';
import { addMember } from '../../src/organizations/addMember.js';
import type { Stores } from '../../src/stores/stores.js';
import type { TestClient } from '../support/client.js';
import { type SeededConnection, seedConnection } from '../support/connectionSeed.js';
import { counts, longest } from '../support/counts.js';
import type { Introspector } from '../support/warm.js';

export const EMAIL = 'ada@example.com';
export const ORGANIZATION = 'Beacon Labs';

/** The process that changes something and the one that is asked right after. */
export interface Sides {
  /** Ends a connection; each way in which it can be done here. */
  readonly removals: Readonly<Record<string, (seat: SeededConnection) => Promise<void>>>;
  switchMcpAccess(on: boolean, seat: SeededConnection): Promise<void>;
  removeMember(seat: SeededConnection): Promise<void>;
  readonly asked: Introspector;
}

export interface World {
  /** The stores as the test itself opens them. */
  readonly stores: Stores;
  readonly client: TestClient;
  /** Which process plays which part in a trial. */
  sides(trial: number): Sides;
  readonly introspectors: readonly Introspector[];
}

const ACTIVE = /^200 \{"active":true,/;
const INACTIVE = '200 {"active":false}';
const ACTOR = { kind: 'operator' } as const;

export interface Trials {
  /** The names of the ways in which a connection is ended, a test for each. */
  readonly removals: readonly string[];
  /** How many trials there are, shared out over the kinds of change; `counts.trials` by default. */
  readonly times?: number;
  /** Whether switching on is tried too, as every second trial of the switch; it is by default. */
  readonly on?: boolean;
}

/** The tests of one pair of processes. */
export function testTrials({ removals, times: trials = counts.trials, on = true }: Trials, world: () => World): void {
  const share = Math.ceil(trials / (removals.length + 2));
  const seat = async () => {
    const { stores, client } = world();
    stores.beginRequest();
    return seedConnection(stores, client, EMAIL, ORGANIZATION);
  };
  const warmly = async (
    trial: (sides: Sides, seat: SeededConnection) => Promise<void>,
    times = share,
  ): Promise<void> => {
    const { introspectors, sides } = world();
    for (const { introspect } of introspectors) await introspect('nothing');
    const warm = () => introspectors.reduce((sum, one) => sum + one.warm(), 0);
    const before = warm();
    for (let n = 0; n < times; n += 1) await trial(sides(n), await seat());
    expect(warm() - before).toBeGreaterThanOrEqual(2 * times);
  };
  const expectAccepted = async ({ asked }: Sides, { accessToken }: SeededConnection) =>
    expect(await asked.introspect(accessToken)).toMatch(ACTIVE);
  const expectRejected = async ({ asked }: Sides, { accessToken }: SeededConnection) =>
    expect(await asked.introspect(accessToken)).toBe(INACTIVE);

  test.each(removals)(
    `%s holds at the next introspection elsewhere, in ${share} of ${share} trials`,
    async (removal) => {
      await warmly(async (sides, seat) => {
        await expectAccepted(sides, seat);
        await sides.removals[removal]?.(seat);
        await expectRejected(sides, seat);
      });
    },
    longest,
  );

  test(
    `the switch${on ? ', off or on,' : ', off,'} holds at the next introspection elsewhere, in ${share} of ${share} trials`,
    async () => {
      const offAndOn = async (sides: Sides, seat: SeededConnection): Promise<void> => {
        await expectAccepted(sides, seat);
        await sides.switchMcpAccess(false, seat);
        await expectRejected(sides, seat);
        await sides.switchMcpAccess(true, seat);
        await expectAccepted(sides, seat);
      };
      await warmly(offAndOn, on ? Math.ceil(share / 2) : share);
    },
    longest,
  );

  test(
    `a lost membership holds at the next introspection elsewhere, in ${share} of ${share} trials`,
    async () => {
      const { stores } = world();
      await warmly(async (sides, seat) => {
        await expectAccepted(sides, seat);
        await sides.removeMember(seat);
        await expectRejected(sides, seat);
        stores.beginRequest();
        await addMember(stores, ACTOR, { ...seat, roles: [{ role: 'account-admin' }] });
        await expectRejected(sides, seat);
      });
    },
    longest,
  );
}
