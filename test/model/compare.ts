/** What the servers say of tokens and connections beside what the model says. */
import { expect } from '@jest/globals';
import { type Answer, tokensOf } from '../support/client.js';
import { compareConnectionsOf } from './compareOrganization.js';
import type { Granted } from './rules.js';
import type { Modelled, Served } from './sequence.js';
import { PRE_REGISTERED } from './servers.js';
import type { ModelAccessToken, ModelConnection, ModelPerson } from './things.js';
import { isLive } from './tokenRules.js';

/** What introspection says of an access token. */
export function introspectionOf({ directory }: Modelled, issuer: string, token: ModelAccessToken): object {
  const { connection, issuedAt: iat, expiresAt: exp } = token;
  const { person, organization, resource, client } = connection;
  if (!isLive(directory.rules, token)) return { active: false };
  return {
    active: true,
    scope: directory.rules.left(token.scope),
    client_id: client.preRegistered ? PRE_REGISTERED : expect.stringMatching(/^dcr_/),
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

/** So many connections are looked at after something happened to all of an organization. */
const LOOKED_AT = 3;

/** What became of connections: whether they are there, and what is said of the newest access token of each. */
export async function compareConnections(
  model: Modelled,
  served: Served,
  connections: readonly ModelConnection[],
  server: number,
): Promise<void> {
  for (const connection of connections.slice(-LOOKED_AT)) {
    const newest = model.directory.rules.accessTokens.findLast((token) => token.connection === connection);
    if (newest) await compareIntrospection(model, served, newest, server);
  }
  for (const organization of new Set(connections.map((one) => one.organization)))
    await compareConnectionsOf(model, served, organization, server);
}

function learnId({ directory }: Modelled, connection: ModelConnection, id: string): void {
  const others = directory.rules.connections.filter((one) => one !== connection && one.id === id);
  expect(others).toEqual([]);
  connection.id = id;
}

/** The first page of MCP Connections holds so many. */
const PAGE = 25;

export async function compareList(
  { directory: { rules } }: Modelled,
  { reality }: Served,
  person: ModelPerson,
  server: number,
) {
  const own = rules.connections.filter((one) => one.person === person && rules.isActive(one));
  const expected = own.map(({ id, endsAt }) => ({ id, until: new Date(endsAt).toISOString() }));
  const listed = await reality.listed(person, server);
  expect(listed).toHaveLength(Math.min(expected.length, PAGE));
  expect(expected).toEqual(expect.arrayContaining(listed));
}

/** Compares the answer to a token request; values that are new are learnt. */
export async function compareTokens(
  model: Modelled,
  served: Served,
  connection: ModelConnection,
  expected: Granted,
  answer: Answer,
  server: number,
) {
  if ('error' in expected) {
    const status = expected.error === 'access_denied' ? 403 : 400;
    expect({ status: answer.status, error: answer.json.error }).toEqual({ status, error: expected.error });
    return compareConnections(model, served, [connection], server);
  }
  expect({ status: answer.status, error: answer.json.error }).toEqual({ status: 200, error: undefined });
  const { access, refresh, repeated } = expected;
  const { accessToken, refreshToken } = tokensOf(answer);
  if (repeated) return expect([accessToken, refreshToken]).toEqual([access.value, refresh.value]);
  access.value = accessToken;
  refresh.value = refreshToken;
  expect(answer.json).toMatchObject({ scope: access.scope, expires_in: access.expiresAt - access.issuedAt });
  await compareIntrospection(model, served, access, server);
}
