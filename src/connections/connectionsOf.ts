/** The connections of an account, as the "MCP Connections" page lists them. */
import { type McpRefusal, mcpDecision } from '../organizations/mayUseMcp.js';
import type { Stored } from '../stores/collection.js';
import type { DurableStore, ListPlace } from '../stores/durable.js';
import { type Connection, connections } from '../stores/records/connection.js';
import { memberId, members } from '../stores/records/member.js';
import { type Organization, organizations } from '../stores/records/organization.js';
import type { Stores } from '../stores/stores.js';
import { isActive } from './activeConnections.js';

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
/** How many records a filtered listing reads at once. */
const CHUNK = 500;
/** The clients to choose from are those of so many of the newest connections. */
const RECENT = 200;

const placeOf = ({ createdAt, id }: Connection): ListPlace => ({ values: [createdAt], id });

/**
 * A page of the active connections of an account, newest first; pending ones are not listed. Without a filter nothing
 * is read but the page, and pending ones on the way.
 * @param after where the page before ended
 * @returns each with its organization and, when it is rejected now, why
 */
export async function connectionsOf(
  { durable }: Stores,
  accountId: string,
  { filter = {}, after }: { filter?: ConnectionFilter; after?: ListPlace | undefined } = {},
): Promise<ConnectionPage> {
  const matches = matcher(durable, filter);
  const limit = Object.values(filter).some(Boolean) ? CHUNK : PAGE + 1;
  const found: Stored<Connection>[] = [];
  for (let place = after; found.length <= PAGE; ) {
    const options = { reverse: true, limit, ...(place && { after: place }) };
    const read = await durable.list(connections, 'byAccount', [accountId], options);
    for (const connection of read) if (isActive(connection) && (await matches(connection))) found.push(connection);
    const last = read.at(-1);
    if (!last || read.length < limit) break;
    place = placeOf(last);
  }
  const shown = found.slice(0, PAGE);
  const last = shown.at(-1);
  return {
    listed: await Promise.all(shown.map((connection) => withRefusal(durable, connection))),
    next: last && found.length > PAGE ? placeOf(last) : undefined,
  };
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
  const options = { reverse: true, limit: RECENT };
  const newest = (await durable.list(connections, 'byAccount', [accountId], options)).filter(isActive);
  const clients = new Map(newest.toReversed().map(({ clientId, clientName }) => [clientId, clientName]));
  return [...clients].toReversed().map(([id, name]) => ({ id, name }));
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
