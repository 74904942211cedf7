/** What clients do: register, consent (with a person), exchange, refresh, repeat a refresh, revoke, and introspection. */
import { expect } from '@jest/globals';
import fc from 'fast-check';
import type { Answer } from '../support/client.js';
import { valuesOf } from './reality.js';
import type { Granted } from './rules.js';
import { compareIntrospection, isKnown, kindOfStep, type Modelled, newClient, pick, type Served } from './sequence.js';
import type { ModelToken } from './things.js';

const some = fc.nat({ max: 30 });
const server = fc.nat({ max: 1 });
/** Mostly the right client. */
const another = fc.nat({ max: 9 }).map((n) => n === 0);

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

async function compareTokens(model: Modelled, served: Served, expected: Granted, answer: Answer, server: number) {
  if ('error' in expected) {
    expect({ status: answer.status, error: answer.json.error }).toEqual({ status: 400, error: expected.error });
    return;
  }
  expect({ status: answer.status, error: answer.json.error }).toEqual({ status: 200, error: undefined });
  const { access, refresh, repeated } = expected;
  const values = valuesOf(answer);
  if (repeated) return expect(values).toEqual({ access: access.value, refresh: refresh.value });
  access.value = values.access;
  refresh.value = values.refresh;
  expect(answer.json).toMatchObject({ scope: access.scope, expires_in: access.expiresAt - access.issuedAt });
  await compareIntrospection(model, served, access, server);
}

const exchange = kindOfStep<{ code: number; another: boolean; right: boolean; server: number }>(
  'exchange',
  async (model, served, args) => {
    const { rules } = model.directory;
    const code = pick(rules.codes, args.code);
    const client = args.another ? pick(model.clients, 0) : code.connection.client;
    const expected = rules.exchange(code, client, args.right);
    const answer = await served.reality.exchange(code, client, args.right, args.server);
    await compareTokens(model, served, expected, answer, args.server);
  },
  (model, { code }) => {
    const { codes } = model.directory.rules;
    return (
      codes.length > 0 && isKnown(model, pick(codes, code).connection.client) && isKnown(model, pick(model.clients, 0))
    );
  },
);

const SCOPES = [undefined, undefined, 'first', 'wider'] as const;
type Refresh = { token: number; another: boolean; scope: (typeof SCOPES)[number]; resource: boolean; server: number };

const refresh = kindOfStep<Refresh>(
  'refresh',
  async (model, served, args) => {
    const { rules } = model.directory;
    const token = pick(rules.refreshTokens, args.token);
    const { connection } = token;
    const client = args.another ? pick(model.clients, 0) : connection.client;
    const resource = args.resource ? pick(model.resources, args.token) : connection.resource;
    const scope = args.scope === 'first' ? connection.scope.split(' ')[0] : args.scope && 'mcp:read mcp:all';
    const expected = rules.refresh(token, client, { ...(scope && { scope }), resource });
    const answer = await served.reality.client(client, resource, args.server).refresh(token.value, { scope });
    await compareTokens(model, served, expected, answer, args.server);
  },
  (model, { token }) => {
    const { refreshTokens } = model.directory.rules;
    if (refreshTokens.length === 0 || !isKnown(model, pick(model.clients, 0))) return false;
    return isKnown(model, pick(refreshTokens, token).connection.client);
  },
);

/** The same refresh token twice at the same moment, on two servers. */
const refreshTwice = kindOfStep<{ token: number }>(
  'refreshTwice',
  async (model, served, args) => {
    const { rules } = model.directory;
    const token = pick(rules.refreshTokens, args.token);
    const { client, resource } = token.connection;
    const both = [0, 1].map((n) => served.reality.client(client, resource, n).refresh(token.value));
    const expected = [rules.refresh(token, client, {}), rules.refresh(token, client, {})];
    for (const [n, answer] of (await Promise.all(both)).entries())
      await compareTokens(model, served, expected[n] as Granted, answer, n);
  },
  (model, { token }) => {
    const { refreshTokens } = model.directory.rules;
    return refreshTokens.length > 0 && isKnown(model, pick(refreshTokens, token).connection.client);
  },
);

const revoke = kindOfStep<{ token: number; refresh: boolean; another: boolean; server: number }>(
  'revoke',
  async (model, { reality }, args) => {
    const { rules } = model.directory;
    const tokens: readonly ModelToken[] = args.refresh ? rules.refreshTokens : rules.accessTokens;
    const token = pick<ModelToken>(tokens, args.token);
    const client = args.another ? pick(model.clients, 0) : token.connection.client;
    rules.revoke(token, client);
    const answer = await reality.client(client, token.connection.resource, args.server).revoke(token.value);
    expect(answer.status).toBe(200);
  },
  (model, { token }) => {
    const { refreshTokens, accessTokens } = model.directory.rules;
    if (accessTokens.length === 0 || !isKnown(model, pick(model.clients, 0))) return false;
    return [pick(refreshTokens, token), pick(accessTokens, token)].every((one) =>
      isKnown(model, one.connection.client),
    );
  },
);

const introspect = kindOfStep<{ token: number; server: number }>(
  'introspect',
  (model, served, { token, server }) =>
    compareIntrospection(model, served, pick(model.directory.rules.accessTokens, token), server),
  ({ directory }) => directory.rules.accessTokens.length > 0,
);

export const tokenSteps = [
  { weight: 1, arbitrary: fc.record({ server }).map(register) },
  {
    weight: 7,
    arbitrary: fc
      .record({ client: fc.nat({ max: 3 }), person: some, organization: some, resource: some, narrow: fc.boolean() })
      .map(consent),
  },
  {
    weight: 9,
    arbitrary: fc
      .record({ code: fc.nat({ max: 4 }), another, right: another.map((wrong) => !wrong), server })
      .map(exchange),
  },
  {
    weight: 14,
    arbitrary: fc
      .record({ token: fc.nat({ max: 8 }), another, scope: fc.constantFrom(...SCOPES), resource: another, server })
      .map(refresh),
  },
  { weight: 2, arbitrary: fc.record({ token: fc.nat({ max: 4 }) }).map(refreshTwice) },
  { weight: 3, arbitrary: fc.record({ token: some, refresh: fc.boolean(), another, server }).map(revoke) },
  { weight: 16, arbitrary: fc.record({ token: some, server }).map(introspect) },
];
