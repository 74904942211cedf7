/** Tokens in every state that matters, written straight to the stores, and texts that are none. */
import { ofNewAccount } from '../../../src/accounts/holder.js';
import { expiresOneMonthAfter } from '../../../src/connections/expiresOneMonthAfter.js';
import { newId, newToken } from '../../../src/ids.js';
import { accessTokens } from '../../../src/oauth/tokens/accessToken.js';
import { newRefreshToken } from '../../../src/oauth/tokens/refreshToken.js';
import { type Change, insert } from '../../../src/stores/durable.js';
import { type Account, accounts } from '../../../src/stores/records/account.js';
import { type Connection, connections } from '../../../src/stores/records/connection.js';
import { memberId, members } from '../../../src/stores/records/member.js';
import { type Organization, organizations } from '../../../src/stores/records/organization.js';
import { refreshTokens } from '../../../src/stores/records/refreshToken.js';
import type { Stores } from '../../../src/stores/stores.js';

const HOUR = 3_600_000;

/** How a connection stands; each state is one thing that is not as it should be. */
export const STATES = [
  'in order',
  'pending',
  'removed',
  'expired',
  'token expired',
  'MCP access off',
  'organization gone',
  'membership gone',
  'account gone',
  'scope gone',
  'client gone',
] as const;
export type State = (typeof STATES)[number];

export interface Tokens {
  readonly access: string;
  readonly refresh: string;
  readonly connection: string;
}

/** Writes a connection of a client in a state, with an access token and a refresh token. */
export async function seedState(stores: Stores, clientId: string, resource: string, state: State): Promise<Tokens> {
  const now = Date.now();
  const ends = { accountId: newId('acc'), organizationId: newId('org') };
  const createdAt = state === 'expired' ? now - 40 * 24 * HOUR : now - HOUR;
  const expiresAt = expiresOneMonthAfter(createdAt);
  const scope = state === 'scope gone' ? 'mcp:gone' : 'mcp:use';
  const connection: Connection = {
    id: newId('con'),
    status: state === 'pending' ? 'pending' : 'active',
    ...ends,
    clientId,
    clientName: 'Differential "client" \u{1F9EA}',
    // As of one that the configuration file named then.
    ...(state === 'client gone' ? { preRegistered: true as const } : {}),
    resource,
    scope,
    createdAt,
    expiresAt,
    keptUntil: expiresAt,
  };
  const issuedAt = Math.floor(now / 1_000) - 60;
  const token = {
    connectionId: connection.id,
    ...ends,
    clientId,
    audience: resource,
    scope,
    issuedAt,
    expiresAt: state === 'token expired' ? issuedAt + 30 : issuedAt + 3_600,
  };
  const access = newToken(token.expiresAt * 1_000);
  const refresh = newRefreshToken(connection);
  await stores.volatile.set(accessTokens, access, token, token.expiresAt * 1_000);
  await stores.durable.commit([
    ...(state === 'removed' ? [] : [insert(connections, connection)]),
    insert(refreshTokens, refresh.record),
    ...people(ends, state),
  ]);
  return { access, refresh: refresh.value, connection: connection.id };
}

function people(
  { accountId, organizationId }: Pick<Connection, 'accountId' | 'organizationId'>,
  state: State,
): Change[] {
  const createdAt = Date.now();
  const account: Account = {
    id: accountId,
    email: `${accountId.toLowerCase()}@example.com`,
    emailVerified: ofNewAccount(true),
    name: 'Ada',
    createdAt,
  };
  const organization: Organization = {
    id: organizationId,
    name: 'Ünïted <Labs>',
    personal: false,
    ownerId: accountId,
    mcpAccess: state !== 'MCP access off',
    createdAt,
  };
  const roles = [{ role: 'app-viewer' as const, app: 'storefront' }];
  const member = { id: memberId(organizationId, accountId), organizationId, accountId, roles, createdAt };
  return [
    ...(state === 'account gone' ? [] : [insert(accounts, account)]),
    ...(state === 'organization gone' ? [] : [insert(organizations, organization)]),
    ...(state === 'membership gone' ? [] : [insert(members, member)]),
  ];
}
