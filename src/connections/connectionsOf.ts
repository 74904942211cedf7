/** The connections of an account, as the "MCP Connections" page lists them. */
import { type McpRefusal, mayUseMcp } from '../organizations/mayUseMcp.js';
import type { Stored } from '../stores/collection.js';
import { type Connection, connections } from '../stores/records/connection.js';
import { type Organization, organizations } from '../stores/records/organization.js';
import type { Stores } from '../stores/stores.js';

export interface ListedConnection {
  readonly connection: Stored<Connection>;
  readonly organization: Stored<Organization> | undefined;
  /** Why it is rejected now; undefined while it works. */
  readonly refusal: McpRefusal | undefined;
}

/**
 * The active connections of an account, newest first; pending ones are not listed.
 * @returns each with its organization and, when it is rejected now, why
 */
export async function connectionsOf(stores: Stores, accountId: string): Promise<ListedConnection[]> {
  const active = await stores.durable.list(connections, 'byAccount', [accountId, 'active'], { reverse: true });
  return Promise.all(
    active.map(async (connection) => {
      const [organization, decision] = await Promise.all([
        stores.durable.get(organizations, connection.organizationId),
        mayUseMcp(stores.durable, accountId, connection.organizationId),
      ]);
      return { connection, organization, refusal: decision.allowed ? undefined : decision.reason };
    }),
  );
}

/** An account's own connection by its id; undefined for one that is not theirs, not active, or not there. */
export async function ownConnection(
  stores: Stores,
  accountId: string,
  connectionId: string,
): Promise<Stored<Connection> | undefined> {
  const connection = await stores.durable.get(connections, connectionId);
  return connection?.accountId === accountId && connection.status === 'active' ? connection : undefined;
}
