/** What clients do with tokens: refresh, repeat a refresh, revoke; and what resource servers are told of them. */
import { expect } from '@jest/globals';
import fc from 'fast-check';
import { compareConnections, compareIntrospection, compareTokens } from './compare.js';
import type { Granted } from './rules.js';
import { another, clientFor, isKnown, kindOfStep, pick, server, some } from './sequence.js';
import type { ModelToken } from './things.js';

const SCOPES = [undefined, undefined, 'first', 'wider'] as const;
type Refresh = { token: number; another: boolean; scope: (typeof SCOPES)[number]; resource: boolean; server: number };

const refresh = kindOfStep<Refresh>(
  'refresh',
  async (model, served, args) => {
    const { rules } = model.directory;
    const token = pick(rules.refreshTokens, args.token);
    const { connection } = token;
    const client = clientFor(model, connection.client, args.another);
    const resource = args.resource ? pick(model.resources, args.token) : connection.resource;
    const scope = args.scope === 'first' ? connection.scope.split(' ')[0] : args.scope && 'mcp:read mcp:all';
    const expected = rules.refresh(token, client, { ...(scope && { scope }), resource });
    const answer = await served.reality.client(client, resource, args.server).refresh(token.value, { scope });
    await compareTokens(model, served, connection, expected, answer, args.server);
  },
  (model, { token }) => {
    const { refreshTokens } = model.directory.rules;
    return refreshTokens.length > 0 && isKnown(model, pick(refreshTokens, token).connection.client);
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
      await compareTokens(model, served, token.connection, expected[n] as Granted, answer, n);
  },
  (model, { token }) => {
    const { refreshTokens } = model.directory.rules;
    return refreshTokens.length > 0 && isKnown(model, pick(refreshTokens, token).connection.client);
  },
);

const revoke = kindOfStep<{ token: number; refresh: boolean; another: boolean; server: number }>(
  'revoke',
  async (model, served, args) => {
    const { rules } = model.directory;
    const tokens: readonly ModelToken[] = args.refresh ? rules.refreshTokens : rules.accessTokens;
    const token = pick<ModelToken>(tokens, args.token);
    const client = clientFor(model, token.connection.client, args.another);
    rules.revoke(token, client);
    const answer = await served.reality.client(client, token.connection.resource, args.server).revoke(token.value);
    expect(answer.status).toBe(200);
    await compareConnections(model, served, [token.connection], args.server);
  },
  (model, { token }) => {
    const { refreshTokens, accessTokens } = model.directory.rules;
    if (accessTokens.length === 0) return false;
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
  {
    weight: 14,
    arbitrary: fc
      .record({ token: fc.nat({ max: 8 }), another, scope: fc.constantFrom(...SCOPES), resource: another, server })
      .map(refresh),
  },
  { weight: 2, arbitrary: fc.record({ token: fc.nat({ max: 4 }) }).map(refreshTwice) },
  { weight: 4, arbitrary: fc.record({ token: some, refresh: fc.boolean(), another, server }).map(revoke) },
  { weight: 16, arbitrary: fc.record({ token: some, server }).map(introspect) },
];
