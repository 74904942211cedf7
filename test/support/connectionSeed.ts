/** Connections written to a store directly, for tests that need hundreds of them. */
import { accountByEmailOrId } from '../../src/accounts/findAccount.js';
import { epochsOf } from '../../src/connections/endedConnections.js';
import { expiresOneMonthAfter } from '../../src/connections/expiresOneMonthAfter.js';
import { newId, newToken } from '../../src/ids.js';
import { accessTokens } from '../../src/oauth/tokens/accessToken.js';
import { newRefreshToken } from '../../src/oauth/tokens/refreshToken.js';
import { organizationByIdOrName } from '../../src/organizations/findOrganization.js';
import { insert } from '../../src/stores/durable.js';
import { type Connection, connections } from '../../src/stores/records/connection.js';
import { refreshTokens } from '../../src/stores/records/refreshToken.js';
import type { Stores } from '../../src/stores/stores.js';
import type { TestClient } from './client.js';

export interface SeededConnection {
  readonly id: string;
  readonly accountId: string;
  readonly organizationId: string;
  readonly accessToken: string;
  readonly refreshToken: string;
}

/** Writes what consent, code exchange and token issue would have written. */
export async function seedConnection(
  stores: Stores,
  client: TestClient,
  email: string,
  organization: string,
): Promise<SeededConnection> {
  const account = await accountByEmailOrId(stores.durable, email);
  const where = await organizationByIdOrName(stores.durable, organization);
  const [accountId, organizationId] = [account.id, where.id];
  const createdAt = Date.now();
  const expiresAt = expiresOneMonthAfter(createdAt);
  const connection: Connection = {
    id: newId('con'),
    status: 'active',
    accountId,
    organizationId,
    ...epochsOf(account, where),
    clientId: client.clientId,
    clientName: 'Raw test client',
    resource: client.resource,
    scope: 'mcp:read',
    createdAt,
    expiresAt,
    keptUntil: expiresAt,
  };
  const issuedAt = Math.floor(createdAt / 1_000);
  const { id, clientId, scope } = connection;
  const ends = { connectionId: id, accountId, organizationId, clientId };
  const token = { ...ends, audience: client.resource, scope, issuedAt, expiresAt: issuedAt + 3_600 };
  const accessToken = newToken(token.expiresAt * 1_000);
  const refresh = newRefreshToken(connection);
  await stores.volatile.set(accessTokens, accessToken, token, token.expiresAt * 1_000);
  await stores.durable.commit([insert(connections, connection), insert(refreshTokens, refresh.record)]);
  return { id, accountId, organizationId, accessToken, refreshToken: refresh.value };
}
