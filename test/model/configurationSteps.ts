/** The operator changes the configuration and restarts; the resource server exchanges tokens (docs/rules.md, 7 and 8). */
import { expect } from '@jest/globals';
import fc from 'fast-check';
import { compareIntrospection } from './compare.js';
import { exchangedScope, exchangeToken } from './configurationRules.js';
import { ALL, exchanged as codeExchanged, consented } from './grantSteps.js';
import { SECOND } from './moments.js';
import {
  isKnown,
  kindOfStep,
  type Modelled,
  organization,
  pickTelling,
  type Served,
  server,
  some,
} from './sequence.js';
import { CONFIGURATION, OTHER_API } from './servers.js';
import type { ModelAccessToken, ModelConfiguration } from './things.js';
import { isUsable, refreshed } from './tokenSteps.js';

/** Everything that can be taken out, at once: it shows on different tokens. */
const TAKEN_OUT: ModelConfiguration = { scopes: ['mcp:read'], exchange: [], client: false };
const MORE: ModelConfiguration = { ...CONFIGURATION, exchange: ['keys:read', 'keys:write'] };

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

/** A new connection, where one is possible, of the client that is pre-registered or of another. */
async function newAccess(
  model: Modelled,
  served: Served,
  preRegistered: boolean,
  { server, ...where }: { organization: number; person: number; resource: number; server: number },
): Promise<ModelAccessToken | undefined> {
  const { clients, directory } = model;
  const place = clients.findLastIndex((one) => one.preRegistered === preRegistered && isKnown(model, one));
  if (place < 0) return undefined;
  const client = clients.length - 1 - place;
  const code = await consented(model, served, { ...where, client, off: false, narrow: ALL });
  if (!code) return undefined;
  await codeExchanged(model, served, code, { server });
  return directory.rules.accessTokens.findLast((one) => one.connection === code.connection);
}

type Configure = { more: boolean; organization: number; person: number; resource: number; server: number };

/** Everything is taken out, then put in again or more of it; the servers go on like that. */
const configure = kindOfStep<Configure>('configure', async (model, served, { more, server, ...where }) => {
  const { rules } = model.directory;
  const preRegistered = await newAccess(model, served, true, { ...where, server });
  const whole = await newAccess(model, served, false, { ...where, server });
  if (whole) await exchanged(model, served, whole, { scope: undefined, server });
  const elsewhere = rules.exchangedTokens.at(-1);
  await newAccess(model, served, false, { ...where, server });
  const narrowed = await narrow(model, served, server);
  for (const configuration of [TAKEN_OUT, more ? MORE : CONFIGURATION]) {
    rules.configuration = configuration;
    await served.configure(configuration);
    if (elsewhere) await compareExchanged(model, served, elsewhere, server);
    for (const token of [preRegistered, narrowed, whole]) {
      if (!token) continue;
      await compareIntrospection(model, served, token, server);
      await exchanged(model, served, token, { scope: undefined, server });
      const unused = rules.refreshTokens.findLast((one) => one.connection === token.connection && !one.usedAt);
      if (!unused || !isUsable(model, unused)) continue;
      await refreshed(model, served, unused, { token: 0, another: false, scope: undefined, resource: false, server });
    }
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

/** All servers start twice for one, so it is rare. */
export const configureSteps = [
  {
    weight: 0.25,
    arbitrary: fc.record({ more: fc.boolean(), organization, person: some, resource: some, server }).map(configure),
  },
];

export const tokenExchangeSteps = [
  { weight: 3, arbitrary: fc.record({ token: some, scope: asked, server }).map(exchangeForOther) },
  { weight: 1, arbitrary: fc.record({ token: some, server }).map(introspectExchanged) },
  { weight: 0.5, arbitrary: fc.record({ server }).map(narrowAndExchange) },
];
