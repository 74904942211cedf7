/** What clients do with tokens: refresh, repeat a refresh, revoke; and what resource servers are told of them. */
import { expect } from '@jest/globals';
import fc from 'fast-check';
import { compareConnections, compareIntrospection, compareTokens } from './compare.js';
import { SECOND } from './moments.js';
import type { Granted } from './rules.js';
import {
  clientFor,
  isKnown,
  kindOfStep,
  type Modelled,
  pick,
  pickTelling,
  rarely,
  type Served,
  server,
  some,
} from './sequence.js';
import type { ModelAccessToken, ModelRefreshToken, ModelToken } from './things.js';
import { refresh as refreshedBy, revoke as revokedBy } from './tokenRules.js';

type Picked<T> = T | undefined;

type WhichOne = { token: number; used: boolean; off: boolean };

/** A refresh token, mostly of a connection that is there, used or not. */
export const refreshTokenOf = (
  { directory: { rules } }: Modelled,
  { token, used, off }: WhichOne,
): Picked<ModelRefreshToken> => {
  const there = rules.refreshTokens.filter(
    ({ connection }) => rules.isActive(connection) && connection.organization.mcpAccess !== off,
  );
  return pickTelling(
    there.length > 0 ? there : rules.refreshTokens,
    ({ usedAt }) => (usedAt !== undefined) === used,
    token,
  );
};

type WhichAccessToken = { token: number; off: boolean };

const accessTokenOf = (
  { directory: { rules } }: Modelled,
  { token, off }: WhichAccessToken,
): Picked<ModelAccessToken> => {
  const live = rules.accessTokens.filter(
    ({ connection, expiresAt }) => rules.isActive(connection) && expiresAt * SECOND > rules.now,
  );
  return pickTelling(
    live.length > 0 ? live : rules.accessTokens,
    ({ connection }) => connection.organization.mcpAccess !== off,
    token,
  );
};

export const isUsable = (model: Modelled, token: Picked<ModelToken>): boolean =>
  token !== undefined && isKnown(model, token.connection.client);

const SCOPES = [undefined, undefined, undefined, 'first', 'last', 'wider', 'unknown'] as const;
/** Of a connection that was granted scopes of its resource alone. */
const SENT = { wider: 'mcp:read openid', unknown: 'mcp:all mcp:read offline_access' } as const;
type Refresh = WhichOne & { another: boolean; scope: (typeof SCOPES)[number]; resource: boolean; server: number };

export async function refreshed(
  model: Modelled,
  served: Served,
  token: ModelRefreshToken,
  { another, server, ...asked }: Omit<Refresh, keyof WhichOne> & { token: number },
): Promise<void> {
  const { connection } = token;
  const client = clientFor(model, connection.client, another);
  const resource = asked.resource ? pick(model.resources, asked.token) : connection.resource;
  const granted = connection.scope.split(' ');
  const own = { first: granted[0], last: granted.at(-1) };
  const scope = asked.scope && { ...own, ...SENT }[asked.scope];
  const expected = refreshedBy(model.directory.rules, token, client, { ...(scope && { scope }), resource });
  const answer = await served.reality.client(client, resource, server).refresh(token.value, { scope });
  await compareTokens(model, served, connection, expected, answer, server);
}

const refresh = kindOfStep<Refresh>(
  'refresh',
  (model, served, args) => refreshed(model, served, refreshTokenOf(model, args) as ModelRefreshToken, args),
  (model, args) => isUsable(model, refreshTokenOf(model, args)),
);

/** The same refresh token twice at the same moment, on two servers. */
const refreshTwice = kindOfStep<WhichOne>(
  'refreshTwice',
  async (model, served, args) => {
    const { rules } = model.directory;
    const token = refreshTokenOf(model, args) as ModelRefreshToken;
    const { client, resource } = token.connection;
    const both = [0, 1].map((n) => served.reality.client(client, resource, n).refresh(token.value));
    const expected = [refreshedBy(rules, token, client, {}), refreshedBy(rules, token, client, {})];
    for (const [n, answer] of (await Promise.all(both)).entries())
      await compareTokens(model, served, token.connection, expected[n] as Granted, answer, n);
  },
  (model, args) => isUsable(model, refreshTokenOf(model, args)),
);

type Revoke = WhichOne & { refresh: boolean; another: boolean; server: number };
const tokenToRevoke = (model: Modelled, which: Revoke): Picked<ModelToken> =>
  which.refresh ? refreshTokenOf(model, which) : accessTokenOf(model, which);

export async function revoked(
  model: Modelled,
  served: Served,
  token: ModelToken,
  { another = false, server }: { another?: boolean; server: number },
): Promise<void> {
  const { connection } = token;
  const client = clientFor(model, connection.client, another);
  revokedBy(model.directory.rules, token, client);
  const answer = await served.reality.client(client, connection.resource, server).revoke(token.value);
  expect(answer.status).toBe(200);
  await compareConnections(model, served, [connection], server);
}

const revoke = kindOfStep<Revoke>(
  'revoke',
  (model, served, args) => revoked(model, served, tokenToRevoke(model, args) as ModelToken, args),
  (model, args) => isUsable(model, tokenToRevoke(model, args)),
);

const introspect = kindOfStep<WhichAccessToken & { server: number }>(
  'introspect',
  (model, served, args) =>
    compareIntrospection(model, served, accessTokenOf(model, args) as ModelAccessToken, args.server),
  ({ directory }) => directory.rules.accessTokens.length > 0,
);

const sometimes = fc.nat({ max: 2 }).map((n) => n === 0);

export const tokenSteps = [
  {
    weight: 20,
    arbitrary: fc
      .record({
        token: some,
        used: sometimes,
        off: rarely,
        another: rarely,
        scope: fc.constantFrom(...SCOPES),
        resource: rarely,
        server,
      })
      .map(refresh),
  },
  { weight: 2, arbitrary: fc.record({ token: some, used: sometimes, off: rarely }).map(refreshTwice) },
  {
    weight: 4,
    arbitrary: fc
      .record({ token: some, used: sometimes, off: sometimes, refresh: fc.boolean(), another: fc.boolean(), server })
      .map(revoke),
  },
  { weight: 6, arbitrary: fc.record({ token: some, off: sometimes, server }).map(introspect) },
];
