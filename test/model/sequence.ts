/** One sequence of steps: the model and the servers side by side, and how a step of it is made. */

import fc from 'fast-check';
import type { DirectoryRules } from './directoryRules.js';
import type { Reality } from './reality.js';
import { DAY } from './rules.js';
import type { ModelClient, ModelResource } from './things.js';

export interface Modelled {
  readonly directory: DirectoryRules;
  readonly clients: ModelClient[];
  readonly resources: readonly ModelResource[];
}

export interface Served {
  readonly reality: Reality;
  readonly issuer: string;
  /** Goes around each step: counts it, for example. */
  around(name: string, step: () => Promise<void>): Promise<void>;
  /** Moves the clock of all servers. */
  advance(ms: number): Promise<void>;
  restart(server: number): Promise<void>;
}

export type Step = fc.AsyncCommand<Modelled, Served>;

/**
 * A kind of step.
 * @param run does it on both sides and compares
 * @param can whether it can be done at this moment
 */
export const kindOfStep =
  <A>(
    name: string,
    run: (model: Modelled, served: Served, args: A) => Promise<void>,
    can: (model: Modelled, args: A) => boolean = () => true,
  ) =>
  (args: A): Step => ({
    check: (model) => can(model, args),
    run: (model, served) => served.around(name, () => run(model, served, args)),
    toString: () => `${name}(${JSON.stringify(args)})`,
  });

/** One of a list, the newest for 0. */
export const pick = <T>(list: readonly T[], n: number): T => list[list.length - 1 - (n % list.length)] as T;

/** Whether a client is known to the servers without doubt: when exactly it is forgotten is not said to a day. */
export const isKnown = ({ directory }: Modelled, client: ModelClient): boolean =>
  client.knownUntil > directory.rules.now;

/** The right client for a request, or another one that the servers know. */
export const clientFor = (model: Modelled, right: ModelClient, another: boolean): ModelClient =>
  (another ? model.clients.find((one) => one !== right && isKnown(model, one)) : undefined) ?? right;

/** A client that was registered at this moment. */
export const newClient = ({ clients, directory }: Modelled): ModelClient => {
  const { now } = directory.rules;
  const client = { index: clients.length, knownUntil: now + DAY, forgottenFrom: now + DAY };
  clients.push(client);
  return client;
};

/** Which one of a list, for {@link pick}; and which server, where there are two. */
export const some = fc.nat({ max: 30 });
export const server = fc.nat({ max: 1 });
/** Whether a request comes from another client than the right one. */
export const another = fc.nat({ max: 6 }).map((n) => n === 0);
/** Mostly the two organizations that others than their owner belong to, which stand first. */
export const organization = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(4, 3) },
  { weight: 1, arbitrary: fc.nat({ max: 4 }) },
);
