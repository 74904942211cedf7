/** What the growth of a store must not make slower, and where the time of it goes. */
import { connectionsOf } from '#src/connections/connectionsOf.js';
import { usableConnection } from '#src/connections/usableConnection.js';
import type { Stores } from '#src/stores/stores.js';
import { accountId, connection, pick, sizes } from './population.js';
import type { Served } from './served.js';

const INTROSPECTIONS = 4_000;
/** So many access tokens are introspected. */
export const TOKENS = 4_400;

/** A store with a server on it. */
export interface Place {
  readonly stores: Stores;
  readonly total: number;
  readonly served: Served;
}

export interface Operation {
  readonly name: string;
  readonly rounds: number;
  /** How many go before what is timed. */
  readonly warmUp: number;
  /** Whether it is one of those that the factor is demanded of; the others say where the time goes. */
  readonly demanded: boolean;
  run(place: Place, round: number): Promise<unknown>;
}

/** What is done on both stores in turns. */
export const operations: readonly Operation[] = [
  {
    name: 'introspection, each token for the first time',
    rounds: INTROSPECTIONS,
    warmUp: TOKENS - INTROSPECTIONS,
    demanded: true,
    run: ({ served }, round) => served.introspect(round),
  },
  {
    name: 'introspection, again',
    rounds: INTROSPECTIONS,
    warmUp: 0,
    demanded: true,
    run: ({ served }, round) => served.introspect(round),
  },
  {
    name: 'connections of an account, the page',
    rounds: 600,
    warmUp: 100,
    demanded: true,
    run: ({ served }, round) => served.listConnections(round),
  },
  {
    name: 'switch of the organization with a tenth of all',
    rounds: 300,
    warmUp: 30,
    demanded: true,
    run: ({ served }, round) => served.moveSwitch(round),
  },
  {
    name: 'of an introspection, the reads (connection, account, organization, member)',
    rounds: 2_000,
    warmUp: 200,
    demanded: false,
    run: async ({ stores, total }, round) => {
      const use = await usableConnection(stores, connection(pick(round, total), total));
      if (!use.usable) throw new Error(`Not usable: ${use.reason}`);
    },
  },
  {
    name: 'of the page, the reads of the list',
    rounds: 600,
    warmUp: 60,
    demanded: false,
    run: async ({ stores, total }, round) => {
      const { listed } = await connectionsOf(stores, accountId(pick(round, sizes(total).accounts)));
      if (listed.length !== 10) throw new Error(`${listed.length} connections.`);
    },
  },
];

/** @returns milliseconds */
export async function timed(place: Place, operation: Operation, round: number): Promise<number> {
  place.stores.beginRequest();
  const started = performance.now();
  await operation.run(place, round);
  return performance.now() - started;
}
