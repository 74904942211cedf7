/** The operator changes the configuration and restarts; the resource server exchanges tokens (docs/rules.md, 7 and 8). */
import { expect } from '@jest/globals';
import fc from 'fast-check';
import { compareIntrospection } from './compare.js';
import { exchangedScope, exchangeToken } from './configurationRules.js';
import { SECOND } from './moments.js';
import { kindOfStep, type Modelled, pickTelling, type Served, server, some } from './sequence.js';
import { CONFIGURATION, OTHER_API } from './servers.js';
import type { ModelAccessToken, ModelConfiguration } from './things.js';
import { isUsable, refreshed } from './tokenSteps.js';

/** One thing is different in each, so that each shows by itself. */
const CONFIGURATIONS: readonly ModelConfiguration[] = [
  CONFIGURATION,
  { ...CONFIGURATION, scopes: ['mcp:read'] },
  { ...CONFIGURATION, exchange: [] },
  { ...CONFIGURATION, exchange: ['keys:read', 'keys:write'] },
  { ...CONFIGURATION, client: false },
];

async function compareExchanged({ directory }: Modelled, { reality }: Served, token: ModelAccessToken, server: number) {
  const { connection, issuedAt: iat, expiresAt: exp } = token;
  const scope = exchangedScope(directory.rules, token);
  const { json } = await reality.introspectElsewhere(token.value, server);
  expect(json).toEqual(
    scope === ''
      ? { active: false }
      : expect.objectContaining({ scope, aud: OTHER_API.indicator, iat, exp, sub: connection.person.accountId }),
  );
}

async function exchanged(
  model: Modelled,
  served: Served,
  token: ModelAccessToken,
  { scope, server }: { scope: string | undefined; server: number },
): Promise<void> {
  const expected = exchangeToken(model.directory.rules, token, scope);
  const { status, json } = await served.reality.exchangeToken(token.value, scope, server);
  if ('error' in expected) {
    expect({ status, error: json.error }).toEqual({ status: 400, error: expected.error });
    return;
  }
  const expires_in = expected.expiresAt - expected.issuedAt;
  expect({ status, json }).toMatchObject({ status: 200, json: { scope: expected.scope, expires_in } });
  expected.value = String(json.access_token);
  await compareExchanged(model, served, expected, server);
}

const liveTokens = ({ directory: { rules } }: Modelled): ModelAccessToken[] =>
  rules.accessTokens.filter(
    ({ connection, expiresAt }) =>
      rules.isActive(connection) &&
      rules.mayUseMcp(connection.person, connection.organization) &&
      expiresAt * SECOND > rules.now,
  );

/** So many tokens are looked at after the configuration changed, each of another kind where there are enough. */
const LOOKED_AT = 6;

/** Of tokens on which something of the configuration shows differently, the newest of each. */
function tellingTokens(model: Modelled): ModelAccessToken[] {
  const kinds = new Map<string, ModelAccessToken>();
  for (const token of liveTokens(model)) {
    const { client, resource, scope, shown } = token.connection;
    const kind = JSON.stringify([client.preRegistered, resource.format, token.scope, scope, shown]);
    kinds.set(kind, token);
  }
  return [...kinds.values()].slice(-LOOKED_AT);
}

type Configure = { configuration: ModelConfiguration; server: number };

/** A token that has lost a scope, of a connection that works. */
async function narrow(model: Modelled, served: Served, server: number): Promise<ModelAccessToken | undefined> {
  const { rules } = model.directory;
  const token = rules.refreshTokens.findLast(
    (one) =>
      !one.usedAt && one.connection.scope.includes(' ') && rules.isUsable(one.connection) && isUsable(model, one),
  );
  if (!token) return undefined;
  await refreshed(model, served, token, { token: 0, another: false, scope: 'last', resource: false, server });
  return token.response?.access;
}

const narrowAndExchange = kindOfStep<{ server: number }>('narrowAndExchange', async (model, served, { server }) => {
  const narrowed = await narrow(model, served, server);
  if (narrowed) await exchanged(model, served, narrowed, { scope: undefined, server });
});

const configure = kindOfStep<Configure>('configure', async (model, served, { configuration, server }) => {
  const { rules } = model.directory;
  await narrow(model, served, server);
  const exchangedBefore = rules.exchangedTokens.filter(({ expiresAt }) => expiresAt * SECOND > rules.now).slice(-2);
  rules.configuration = configuration;
  await served.configure(configuration);
  for (const token of exchangedBefore) await compareExchanged(model, served, token, server);
  for (const token of tellingTokens(model)) {
    await compareIntrospection(model, served, token, server);
    await exchanged(model, served, token, { scope: undefined, server });
    const unused = rules.refreshTokens.findLast((one) => one.connection === token.connection && !one.usedAt);
    if (!unused || !isUsable(model, unused)) continue;
    await refreshed(model, served, unused, { token: 0, another: false, scope: undefined, resource: false, server });
  }
});

type Exchange = { token: number; scope: string | undefined; server: number };

const exchangeForOther = kindOfStep<Exchange>(
  'exchangeToken',
  async (model, served, args) => {
    const { rules } = model.directory;
    const live = new Set(liveTokens(model));
    const token = pickTelling(rules.accessTokens, (one) => live.has(one), args.token);
    await exchanged(model, served, token, args);
  },
  ({ directory }) => directory.rules.accessTokens.length > 0,
);

const introspectExchanged = kindOfStep<{ token: number; server: number }>(
  'introspectExchanged',
  async (model, served, args) => {
    const { rules } = model.directory;
    const isTelling = ({ expiresAt }: ModelAccessToken) => expiresAt * SECOND > rules.now;
    await compareExchanged(model, served, pickTelling(rules.exchangedTokens, isTelling, args.token), args.server);
  },
  ({ directory }) => directory.rules.exchangedTokens.length > 0,
);

const asked = fc.constantFrom(undefined, undefined, 'keys:read', 'keys:write');

/** All servers start again for one, so it is rare. */
export const configureSteps = [
  {
    weight: 0.4,
    arbitrary: fc.record({ configuration: fc.constantFrom(...CONFIGURATIONS), server }).map(configure),
  },
];

export const tokenExchangeSteps = [
  { weight: 3, arbitrary: fc.record({ token: some, scope: asked, server }).map(exchangeForOther) },
  { weight: 1, arbitrary: fc.record({ token: some, server }).map(introspectExchanged) },
  { weight: 0.5, arbitrary: fc.record({ server }).map(narrowAndExchange) },
];
