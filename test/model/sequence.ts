/** One sequence of steps: the model and the servers side by side, and how a step of it is made. */

import { expect } from '@jest/globals';
import type fc from 'fast-check';
import type { DirectoryRules } from './directoryRules.js';
import type { Reality } from './reality.js';
import { DAY } from './rules.js';
import type { ModelAccessToken, ModelClient, ModelConnection, ModelResource } from './things.js';

export interface Modelled {
  readonly directory: DirectoryRules;
  readonly clients: ModelClient[];
  readonly resources: readonly ModelResource[];
}

export interface Served {
  readonly reality: Reality;
  readonly issuer: string;
  /** Counts a step of the whole test. */
  stepped(name: string): void;
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
    run: async (model, served) => {
      served.stepped(name);
      await run(model, served, args);
    },
    toString: () => `${name}(${JSON.stringify(args)})`,
  });

/** One of a list, the newest for 0. */
export const pick = <T>(list: readonly T[], n: number): T => list[list.length - 1 - (n % list.length)] as T;

/** Whether a client is known to the servers without doubt: when exactly it is forgotten is not said to a day. */
export const isKnown = ({ directory }: Modelled, client: ModelClient): boolean =>
  client.knownUntil > directory.rules.now;

/** What introspection says of an access token. */
export function introspectionOf({ directory }: Modelled, issuer: string, token: ModelAccessToken): object {
  const { connection, scope, issuedAt: iat, expiresAt: exp } = token;
  const { person, organization, resource } = connection;
  if (!directory.rules.isLive(token)) return { active: false };
  return {
    active: true,
    scope,
    client_id: expect.stringMatching(/^dcr_/),
    client_name: 'Raw test client',
    username: person.email,
    sub: person.accountId,
    aud: resource.indicator,
    iss: issuer,
    exp,
    iat,
    token_type: 'Bearer',
    connection_id: connection.id ?? expect.stringMatching(/^con_/),
    org_id: organization.id,
    org_name: organization.name,
    roles: organization.roles.get(person),
  };
}

/** Compares what is said of a token; the first time, learns what its connection is called. */
export async function compareIntrospection(model: Modelled, served: Served, token: ModelAccessToken, server: number) {
  const { status, json } = await served.reality.introspect(token.value, server);
  expect({ status, json }).toEqual({ status: 200, json: introspectionOf(model, served.issuer, token) });
  if (json.active === true) learnId(model, token.connection, String(json.connection_id));
}

function learnId({ directory }: Modelled, connection: ModelConnection, id: string): void {
  const others = directory.rules.connections.filter((one) => one !== connection && one.id === id);
  expect(others).toEqual([]);
  connection.id = id;
}

/** A client that was registered at this moment. */
export const newClient = ({ clients, directory }: Modelled): ModelClient => {
  const { now } = directory.rules;
  const client = { index: clients.length, knownUntil: now + DAY, forgottenFrom: now + DAY };
  clients.push(client);
  return client;
};
