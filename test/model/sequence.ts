/** One sequence of steps: the model and the servers side by side, and how a step of it is made. */

import fc from 'fast-check';
import { type DirectoryRules, mayAdminister } from './directoryRules.js';
import { DAY } from './moments.js';
import type { Reality } from './reality.js';
import type { ModelClient, ModelConfiguration, ModelOrganization, ModelPerson, ModelResource } from './things.js';

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
  /** Restarts all servers with another configuration. */
  configure(configuration: ModelConfiguration): Promise<void>;
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

const ANY_OF = 5;

/**
 * One of a list: four times of five one on which it would show if the step did what it must not, when there is one; what
 * is over or removed already looks the same afterwards.
 */
export const pickTelling = <T>(list: readonly T[], isTelling: (one: T) => boolean, n: number): T => {
  const telling = n % ANY_OF === 0 ? [] : list.filter(isTelling);
  return pick(telling.length > 0 ? telling : list, Math.floor(n / ANY_OF));
};

/** Somebody who acts in an organization: mostly one who may. */
export const actorIn = ({ directory }: Modelled, where: ModelOrganization, n: number): ModelPerson =>
  pickTelling(directory.people, (person) => mayAdminister(person, where), n);

/** Whether a client is known to the servers without doubt: when exactly it is forgotten is not said to a day. */
export const isKnown = ({ directory: { rules } }: Modelled, client: ModelClient): boolean =>
  client.preRegistered ? rules.configuration.client : client.knownUntil > rules.now;

/** The right client for a request, or another one that the servers know. */
export const clientFor = (model: Modelled, right: ModelClient, another: boolean): ModelClient =>
  (another ? model.clients.find((one) => one !== right && isKnown(model, one)) : undefined) ?? right;

/** A client that was registered at this moment. */
export const newClient = ({ clients, directory }: Modelled): ModelClient => {
  const { now } = directory.rules;
  const client = { index: clients.length, preRegistered: false, knownUntil: now + DAY, forgottenFrom: now + DAY };
  clients.push(client);
  return client;
};

/** The client that the configuration names. */
export const preRegisteredClient = ({ clients }: Modelled): void => {
  clients.push({ index: clients.length, preRegistered: true, knownUntil: Infinity, forgottenFrom: Infinity });
};

/** Which one of a list, for {@link pick} and {@link pickTelling}; and which server, where there are two. */
export const some = fc.nat({ max: 999 });
export const server = fc.nat({ max: 1 });
/** Something that is wrong with a request once in a while. */
export const rarely = fc.nat({ max: 6 }).map((n) => n === 0);
/** Mostly the two organizations that others than their owner belong to, which stand first. */
export const organization = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(5, 4) },
  { weight: 1, arbitrary: fc.nat({ max: 5 }) },
);
