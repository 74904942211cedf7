/** How a connection comes to be: a client registers, a person consents, the client exchanges its code. */
import { expect } from '@jest/globals';
import fc from 'fast-check';
import { compareTokens } from './compare.js';
import {
  clientFor,
  isKnown,
  kindOfStep,
  type Modelled,
  newClient,
  organization,
  pick,
  pickTelling,
  rarely,
  type Served,
  server,
  some,
} from './sequence.js';
import type { ModelCode, ModelOrganization, ModelPerson } from './things.js';

const register = kindOfStep<{ server: number }>('register', async (model, served, { server }) => {
  newClient(model);
  await served.reality.register(server);
});

export type Choice = {
  client: number;
  person: number;
  organization: number;
  off: boolean;
  resource: number;
  narrow: number;
};

/** Where somebody wants to connect: mostly where it is possible. */
const wantedBy = ({ directory }: Modelled, { organization, off, person }: Choice): [ModelOrganization, ModelPerson] => {
  const wanted = pick(directory.organizations, organization);
  const where =
    wanted.mcpAccess !== off ? wanted : pickTelling(directory.organizations, (one) => one.mcpAccess !== off, person);
  return [where, pickTelling(directory.people, (one) => where.roles.has(one), person)];
};

export async function consented(model: Modelled, { reality }: Served, choice: Choice): Promise<ModelCode | undefined> {
  const { directory, clients, resources } = model;
  const { rules, organizations } = directory;
  const [client, resource] = [pick(clients, choice.client), pick(resources, choice.resource)];
  const [organization, person] = wantedBy(model, choice);
  const scope = resource.defaultScope.split(' ')[choice.narrow];
  const offered = organizations.filter((one) => rules.mayUseMcp(person, one)).map(({ id }) => id);
  const code = rules.consent(person, organization, client, resource, scope);
  const answer = await reality.consent(person, organization, client, resource, scope);
  expect(answer.offered.toSorted()).toEqual(offered.toSorted());
  expect(answer.status).toBe(code ? 303 : 403);
  return code && Object.assign(code, { value: answer.code, verifier: answer.verifier });
}

/** @param how from which client and with which verifier; as it should be, by default */
export async function exchanged(
  model: Modelled,
  served: Served,
  code: ModelCode,
  { another = false, wrong = false, server }: { another?: boolean; wrong?: boolean; server: number },
): Promise<void> {
  const { connection } = code;
  const client = clientFor(model, connection.client, another);
  const expected = model.directory.rules.exchange(code, client, !wrong);
  const answer = await served.reality.exchange(code, client, !wrong, server);
  await compareTokens(model, served, connection, expected, answer, server);
}

export const canConsent = (model: Modelled, { client }: Choice): boolean => isKnown(model, pick(model.clients, client));

const consent = kindOfStep<Choice>('consent', async (...step) => void (await consented(...step)), canConsent);

/** Consent, and the exchange of the code as it should be. */
const connect = kindOfStep<Choice & { server: number }>(
  'connect',
  async (model, served, args) => {
    const code = await consented(model, served, args);
    if (code) await exchanged(model, served, code, args);
  },
  canConsent,
);

type Exchange = { code: number; again: boolean; off: boolean; another: boolean; wrong: boolean; server: number };

const codeOf = ({ directory: { rules } }: Modelled, { code, again, off }: Exchange): ModelCode | undefined => {
  const status = again ? 'active' : 'pending';
  const candidates = rules.codes.filter(
    ({ connection }) => connection.status === status && connection.organization.mcpAccess !== off,
  );
  return pickTelling(candidates.length > 0 ? candidates : rules.codes, ({ expiresAt }) => expiresAt > rules.now, code);
};

const exchange = kindOfStep<Exchange>(
  'exchange',
  (model, served, args) => exchanged(model, served, codeOf(model, args) as ModelCode, args),
  (model, args) => {
    const code = codeOf(model, args);
    return code !== undefined && isKnown(model, code.connection.client);
  },
);

/** Of `narrow`: all scopes. */
export const ALL = 3;

export const choice = {
  client: fc.nat({ max: 3 }),
  person: some,
  organization,
  off: rarely,
  resource: some,
  /** The first scope alone, the second one, or all. */
  narrow: fc.nat({ max: ALL }),
};

export const grantSteps = [
  { weight: 1, arbitrary: fc.record({ server }).map(register) },
  { weight: 6, arbitrary: fc.record({ ...choice, server }).map(connect) },
  { weight: 6, arbitrary: fc.record(choice).map(consent) },
  {
    weight: 9,
    arbitrary: fc
      .record({ code: some, again: rarely, off: rarely, another: rarely, wrong: rarely, server })
      .map(exchange),
  },
];
