/** How a connection comes to be: a client registers, a person consents, the client exchanges its code. */
import { expect } from '@jest/globals';
import fc from 'fast-check';
import { compareTokens } from './compare.js';
import { another, clientFor, isKnown, kindOfStep, newClient, organization, pick, server, some } from './sequence.js';

const register = kindOfStep<{ server: number }>('register', async (model, served, { server }) => {
  newClient(model);
  await served.reality.register(server);
});

type Choice = { client: number; person: number; organization: number; resource: number; narrow: boolean };

const consent = kindOfStep<Choice>(
  'consent',
  async (model, { reality }, choice) => {
    const { directory, clients, resources } = model;
    const [client, resource] = [pick(clients, choice.client), pick(resources, choice.resource)];
    const person = pick(directory.people, choice.person);
    const organization = pick(directory.organizations, choice.organization);
    const scope = choice.narrow ? resource.defaultScope.split(' ')[0] : undefined;
    const offered = directory.organizations.filter((one) => directory.rules.mayUseMcp(person, one)).map(({ id }) => id);
    const code = directory.rules.consent(person, organization, client, resource, scope);
    const answer = await reality.consent(person, organization, client, resource, scope);
    expect(answer.offered.toSorted()).toEqual(offered.toSorted());
    expect(answer.status).toBe(code ? 303 : 403);
    if (code) Object.assign(code, { value: answer.code, verifier: answer.verifier });
  },
  (model, { client }) => model.clients.length > 0 && isKnown(model, pick(model.clients, client)),
);

const exchange = kindOfStep<{ code: number; another: boolean; right: boolean; server: number }>(
  'exchange',
  async (model, served, args) => {
    const { rules } = model.directory;
    const code = pick(rules.codes, args.code);
    const { connection } = code;
    const client = clientFor(model, connection.client, args.another);
    const expected = rules.exchange(code, client, args.right);
    const answer = await served.reality.exchange(code, client, args.right, args.server);
    await compareTokens(model, served, connection, expected, answer, args.server);
  },
  (model, { code }) => {
    const { codes } = model.directory.rules;
    return codes.length > 0 && isKnown(model, pick(codes, code).connection.client);
  },
);

export const grantSteps = [
  { weight: 1, arbitrary: fc.record({ server }).map(register) },
  {
    weight: 7,
    arbitrary: fc
      .record({ client: fc.nat({ max: 3 }), person: some, organization, resource: some, narrow: fc.boolean() })
      .map(consent),
  },
  {
    weight: 9,
    arbitrary: fc
      .record({ code: fc.nat({ max: 4 }), another, right: another.map((wrong) => !wrong), server })
      .map(exchange),
  },
];
