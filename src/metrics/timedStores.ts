/** Stores whose operations are timed, for the metrics; what they do is the same. */
import type { DurableStore } from '../stores/durable.js';
import type { Stores } from '../stores/stores.js';
import type { VolatileStore } from '../stores/volatile.js';

const every = <O extends string>(operations: Readonly<Record<O, true>>): readonly string[] => Object.keys(operations);

export const TIMED = {
  durable: every<keyof DurableStore>({
    get: true,
    getEach: true,
    list: true,
    count: true,
    estimate: true,
    commit: true,
    sweep: true,
  }),
  volatile: every<keyof VolatileStore>({
    get: true,
    set: true,
    add: true,
    remove: true,
    listGroup: true,
    removeFromGroup: true,
    sweep: true,
  }),
  /** Rate limits are counted on the volatile store. */
  limits: ['wait', 'take', 'giveBack'] as const,
} as const;
export type TimedStore = keyof typeof TIMED;

/**
 * Is told of each operation when it has ended.
 * @param ms how long it took, in milliseconds
 * @param error what it threw, if it did
 */
export type Observe = (ms: number, error: unknown) => void;

/**
 * @param observer gives the observer of an operation; asked once for each
 */
export function timedStores(stores: Stores, observer: (store: TimedStore, operation: string) => Observe): Stores {
  const observers = (store: TimedStore) =>
    new Map(TIMED[store].map((operation): [string, Observe] => [operation, observer(store, operation)]));
  const limits = observers('limits');
  const durable = observers('durable');
  const ofCommit = durable.get('commit') ?? (() => undefined);
  return {
    ...stores,
    durable: timed(stores.durable, durable),
    volatile: timed(stores.volatile, observers('volatile')),
    ...(stores.commitTogether && {
      commitTogether: timedOperation(stores.commitTogether as Operation, ofCommit) as typeof stores.commitTogether,
    }),
    limiter: (limit) => timed(stores.limiter(limit), limits),
  };
}

type Operation = (...args: unknown[]) => Promise<unknown>;

/** An object with just these operations of a store, each of them timed. */
function timed<S extends object>(store: S, observers: ReadonlyMap<string, Observe>): S {
  const operations = [...observers].map(([name, observe]): [string, Operation] => {
    const operation = (store as Record<string, Operation>)[name];
    if (!operation) throw new Error(`There is no operation "${name}".`);
    return [name, timedOperation(operation.bind(store), observe)];
  });
  return Object.fromEntries(operations) as S;
}

const timedOperation = (operation: Operation, observe: Observe): Operation => {
  return async (...args) => {
    const startedAt = performance.now();
    try {
      const result = await operation(...args);
      observe(performance.now() - startedAt, undefined);
      return result;
    } catch (error) {
      observe(performance.now() - startedAt, error);
      throw error;
    }
  };
};
