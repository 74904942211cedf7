/** The connections of an account, as the "MCP Connections" page lists them. */
import { type McpRefusal, mcpDecision } from '../organizations/mayUseMcp.js';
import type { Stored } from '../stores/collection.js';
import type { DurableStore, ListPlace } from '../stores/durable.js';
import { matchingPage } from '../stores/matchingPage.js';
import { type Connection, connections } from '../stores/records/connection.js';
import { memberId, members } from '../stores/records/member.js';
import { type Organization, organizations } from '../stores/records/organization.js';
import type { Stores } from '../stores/stores.js';
import { activeOnes } from './activeConnections.js';
import { connectionById } from './endedConnections.js';

export interface ListedConnection {
  readonly connection: Stored<Connection>;
  readonly organization: Stored<Organization> | undefined;
  /** Why it is rejected now; undefined while it works. */
  readonly refusal: McpRefusal | undefined;
}

export interface ConnectionFilter {
  readonly organizationId?: string | undefined;
  readonly clientId?: string | undefined;
  /** Part of the client's name or id, or of the organization's name, in upper or lower case. */
  readonly text?: string | undefined;
}

export interface ConnectionPage {
  readonly listed: readonly ListedConnection[];
  /** Where the next page goes on; undefined when this is the last one. */
  readonly next: ListPlace | undefined;
}

const PAGE = 25;
/** The clients to choose from are those of so many of the newest connections. */
const RECENT = 200;

/**
 * A page of the active connections of an account, newest first; pending ones are not listed. What few match can leave a
 * page empty that has a next one.
 * @param after where the page before ended
 * @returns each with its organization and, when it is rejected now, why
 */
export async function connectionsOf(
  { durable }: Stores,
  accountId: string,
  { filter = {}, after }: { filter?: ConnectionFilter; after?: ListPlace | undefined } = {},
): Promise<ConnectionPage> {
  const [isListed, isWanted] = [await activeOnes(durable), matcher(durable, filter)];
  const listing = {
    collection: connections,
    index: 'byAccount',
    key: [accountId],
    matches: async (connection: Connection) => (await isListed(connection)) && (await isWanted(connection)),
  } as const;
  const { records, next } = await matchingPage(durable, listing, { size: PAGE, after });
  return { listed: await Promise.all(records.map((connection) => withRefusal(durable, connection))), next };
}

async function withRefusal(durable: DurableStore, connection: Stored<Connection>): Promise<ListedConnection> {
  const { accountId, organizationId } = connection;
  const [organization, member] = await durable.getEach(
    [organizations, organizationId],
    [members, memberId(organizationId, accountId)],
  );
  const decision = mcpDecision(organization, member);
  return { connection, organization, refusal: decision.allowed ? undefined : decision.reason };
}

/** Decides which connections a filter lets through; each organization's name is read once. */
function matcher(durable: DurableStore, { organizationId, clientId, text }: ConnectionFilter) {
  const wanted = text?.toLowerCase();
  const names = new Map<string, string>();
  const nameOf = async (id: string): Promise<string> => {
    const name = names.get(id) ?? (await durable.get(organizations, id))?.name.toLowerCase() ?? '';
    names.set(id, name);
    return name;
  };
  return async (connection: Connection): Promise<boolean> => {
    if (organizationId && connection.organizationId !== organizationId) return false;
    if (clientId && connection.clientId !== clientId) return false;
    if (!wanted) return true;
    return (
      connection.clientName.toLowerCase().includes(wanted) ||
      connection.clientId.toLowerCase().includes(wanted) ||
      (await nameOf(connection.organizationId)).includes(wanted)
    );
  };
}

/** The clients that an account connected lately, each once, the newest first. */
export async function recentClients({ durable }: Stores, accountId: string): Promise<{ id: string; name: string }[]> {
  const isListed = await activeOnes(durable);
  const read = await durable.list(connections, 'byAccount', [accountId], { reverse: true, limit: RECENT });
  const listed = await Promise.all(read.map(isListed));
  const newest = read.filter((_, position) => listed[position]);
  const clients = new Map(newest.toReversed().map(({ clientId, clientName }) => [clientId, clientName]));
  return [...clients].toReversed().map(([id, name]) => ({ id, name }));
}

/** An account's own connection by its id; undefined for one that is not theirs, not active, or not there. */
export async function ownConnection(
  stores: Stores,
  accountId: string,
  connectionId: string,
): Promise<Stored<Connection> | undefined> {
  const connection = await connectionById(stores.durable, connectionId);
  return connection?.accountId === accountId && connection.status === 'active' ? connection : undefined;
}
