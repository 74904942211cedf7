/** Token exchange, and what becomes of exchanged tokens (docs/rules.md, 7 and 8), in memory. */
import { SECOND } from './moments.js';
import type { Rules } from './rules.js';
import type { ModelAccessToken } from './things.js';

const EXCHANGED_LIVES = 300;

export type ExchangeError = 'invalid_grant' | 'invalid_target' | 'invalid_scope' | 'invalid_request';

/** What was shown to the person of a token, and may be got now. */
const given = ({ configuration }: Rules, { connection }: ModelAccessToken): string[] =>
  configuration.exchange.filter((scope) => connection.shown.includes(scope));

/** The list of the configuration goes with all scopes of a connection. */
function isWhole(rules: Rules, { connection, scope }: ModelAccessToken): boolean {
  const held = rules.left(scope).split(' ');
  return rules
    .left(connection.scope)
    .split(' ')
    .every((one) => one === 'offline_access' || held.includes(one));
}

/** The resource server exchanges a client's token for one of the other API. */
export function exchangeToken(
  rules: Rules,
  token: ModelAccessToken,
  asked: string | undefined,
): ModelAccessToken | { readonly error: ExchangeError } {
  const { decisions, now, configuration } = rules;
  const { connection } = token;
  const may = given(rules, token);
  const error = decisions.refusal<ExchangeError>({
    'exchange of a token that is over': token.expiresAt * SECOND <= now && 'invalid_request',
    'exchange that is not configured': configuration.exchange.length === 0 && 'invalid_target',
    'exchange of a token of a removed connection': connection.status !== 'active' && 'invalid_grant',
    'exchange while MCP access is off': !connection.organization.mcpAccess && 'invalid_grant',
    'exchange of a token of somebody who left':
      !connection.organization.roles.has(connection.person) && 'invalid_grant',
    'exchange of a token of which nothing is left': !rules.isLeft(connection) && 'invalid_grant',
    'exchange that was not shown': configuration.exchange.length > 0 && may.length === 0 && 'invalid_target',
    'exchange of a token that was narrowed': !isWhole(rules, token) && 'invalid_scope',
    'exchange for a scope that is not given': asked !== undefined && !may.includes(asked) && 'invalid_scope',
  });
  if (error) return { error };
  decisions.note(may.length < configuration.exchange.length ? 'an exchange of what was shown' : 'an exchange');
  const issuedAt = Math.floor(now / SECOND);
  const expiresAt = Math.min(issuedAt + EXCHANGED_LIVES, token.expiresAt, Math.floor(connection.endsAt / SECOND));
  const exchanged = { connection, scope: asked ?? may.join(' '), issuedAt, expiresAt, value: '' };
  rules.exchangedTokens.push(exchanged);
  return exchanged;
}

/** The scopes of an exchanged token now; none when it is not live. */
export function exchangedScope(rules: Rules, token: ModelAccessToken): string {
  const { connection, expiresAt } = token;
  const may = given(rules, token);
  const scope = token.scope
    .split(' ')
    .filter((one) => may.includes(one))
    .join(' ');
  const refusal = rules.decisions.refusal({
    'exchanged token that is over': expiresAt * SECOND <= rules.now && 'inactive',
    'exchanged token of a removed connection': connection.status !== 'active' && 'inactive',
    'exchanged token while MCP access is off': !connection.organization.mcpAccess && 'inactive',
    'exchanged token of somebody who left': !connection.organization.roles.has(connection.person) && 'inactive',
    'exchanged token of a connection of which nothing is left': !rules.isLeft(connection) && 'inactive',
    'exchanged token of an exchange that is not configured': scope === '' && 'inactive',
  });
  return refusal === undefined ? scope : '';
}
