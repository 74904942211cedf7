/** The rules of tokens (docs/rules.md, 4 and 5), in memory: refreshing and revoking them, and whether they are live. */
import { SECOND } from './moments.js';
import type { Granted, Rules, TokenError } from './rules.js';
import type { ModelAccessToken, ModelClient, ModelRefreshToken, ModelResource, ModelToken } from './things.js';

const REPLAY_WINDOW = 30 * SECOND;

interface Asked {
  readonly scope?: string;
  readonly resource?: ModelResource;
}

/** Rule 5; refusals come before any state changes, whether it is the first use or not. */
export function refresh(rules: Rules, token: ModelRefreshToken, client: ModelClient, asked: Asked): Granted {
  const { connection, usedAt, response } = token;
  const { decisions, now } = rules;
  const isReuse = usedAt !== undefined && now >= usedAt + REPLAY_WINDOW;
  const use = usedAt === undefined ? 'first use' : isReuse ? 'late use' : 'repeated use';
  const { scopes } = rules.configuration;
  const known = (scope: string): boolean => scopes.includes(scope) || ['openid', 'offline_access'].includes(scope);
  const wanted = asked.scope?.split(' ').filter(known) ?? [];
  const covered = [...connection.scope.split(' '), 'offline_access'];
  const isWider = wanted.some((scope) => !covered.includes(scope));
  const error = decisions.refusal<TokenError>({
    [`${use} of another client's refresh token`]: client !== connection.client && 'invalid_grant',
    [`${use} of a refresh token of a removed connection`]: connection.status !== 'active' && 'invalid_grant',
    [`${use} of a refresh token after the month`]: connection.endsAt <= now && 'invalid_grant',
    [`${use} of a refresh token while MCP access is off`]: !connection.organization.mcpAccess && 'access_denied',
    [`${use} of a refresh token of which no scope is left`]: !rules.isLeft(connection) && 'invalid_grant',
    [`${use} of a refresh token for another resource`]:
      (asked.resource ?? connection.resource) !== connection.resource && 'invalid_target',
    [`${use} of a refresh token with a wider scope`]: isWider && 'invalid_scope',
  });
  if (error) return { error };
  decisions.note(`${use} of a refresh token`);
  if (response && isReuse) {
    connection.status = 'removed';
    return { error: 'invalid_grant' };
  }
  if (response) return { ...response, repeated: true };
  token.usedAt = now;
  const narrowed = wanted.filter((scope) => scope !== 'offline_access').join(' ');
  token.response = rules.issue(connection, narrowed || rules.left(connection.scope));
  return { ...token.response, repeated: false };
}

/** Rule 4; works while MCP access is off. Another client's request changes nothing, nor does a token that is over. */
export function revoke({ decisions, now }: Rules, token: ModelToken, client: ModelClient): void {
  const { connection } = token;
  const isAccess = 'expiresAt' in token;
  if (isAccess ? token.expiresAt * SECOND <= now : connection.endsAt <= now) return;
  if (connection.status === 'active') {
    const kind = isAccess ? `${connection.resource.format} access` : token.usedAt ? 'used refresh' : 'refresh';
    const whose = client === connection.client ? 'its' : 'another';
    decisions.note(`${whose} client revokes the ${kind} token`);
    if (!connection.organization.mcpAccess)
      decisions.note(
        `${whose} client revokes a ${kind.startsWith('signed') ? 'signed' : 'stored'} token while MCP access is off`,
      );
  }
  if (client === connection.client) connection.status = 'removed';
}

export function isLive(rules: Rules, { connection, expiresAt, scope }: ModelAccessToken): boolean {
  const { decisions, now } = rules;
  const { organization, person, resource, client } = connection;
  const removed = client.preRegistered && !rules.configuration.client;
  const refusal = decisions.refusal({
    [`${resource.format} access token that is over`]: expiresAt * SECOND <= now && 'inactive',
    [`${resource.format} access token of a removed connection`]: connection.status !== 'active' && 'inactive',
    [`${resource.format} access token while MCP access is off`]: !organization.mcpAccess && 'inactive',
    [`${resource.format} access token of somebody who left`]: !organization.roles.has(person) && 'inactive',
    'access token of a client that is not configured': removed && 'inactive',
    'access token of which no scope is left': rules.left(scope) === '' && 'inactive',
  });
  return refusal === undefined;
}
