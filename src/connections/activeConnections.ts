/** Whose active connections: listed and counted; those that wait for their code to be exchanged are left out. */
import type { Stored } from '../stores/collection.js';
import type { DurableStore, ListPlace } from '../stores/durable.js';
import { type Connection, connections } from '../stores/records/connection.js';
import { endedAmong } from './endedConnections.js';
import { PENDING_MS } from './openConnection.js';

/** Whose connections: an account's, an organization's, or in an organization those of one member or of one client. */
export type ConnectionOwner =
  | { readonly accountId: string; readonly organizationId?: undefined; readonly clientId?: undefined }
  | { readonly accountId?: undefined; readonly organizationId: string; readonly clientId?: undefined }
  | { readonly accountId: string; readonly organizationId: string; readonly clientId?: undefined }
  | { readonly accountId?: undefined; readonly organizationId: string; readonly clientId: string };

/** The index that finds them, and the values it begins with. */
export function indexFor({ accountId, organizationId, clientId }: ConnectionOwner) {
  if (organizationId === undefined) return { index: 'byAccount', key: [accountId] } as const;
  if (clientId !== undefined) return { index: 'byOrganizationClient', key: [organizationId, clientId] } as const;
  if (accountId !== undefined) return { index: 'byMember', key: [organizationId, accountId] } as const;
  return { index: 'byOrganization', key: [organizationId] } as const;
}

export const isActive = ({ status }: Connection): boolean => status === 'active';

/** So many are read at once. */
const BATCH = 500;

/**
 * What a listing shows of connections: the active ones.
 * @returns undefined for one that has ended together with others: however many of them there are, none counts
 */
export async function activeOnes(
  durable: DurableStore,
): Promise<(connection: Connection) => boolean | Promise<boolean | undefined>> {
  const hasEnded = await endedAmong(durable);
  if (!hasEnded) return isActive;
  return async (connection) => ((await hasEnded(connection)) ? undefined : isActive(connection));
}

/** Active connections, the newest first, some at a time. */
export async function* eachActive(
  durable: DurableStore,
  owner: ConnectionOwner,
): AsyncGenerator<Stored<Connection>[], void, undefined> {
  const { index, key } = indexFor(owner);
  const isListed = await activeOnes(durable);
  let after: ListPlace | undefined;
  do {
    const read = await durable.list(connections, index, key, { reverse: true, limit: BATCH, ...(after && { after }) });
    const listed = await Promise.all(read.map(isListed));
    yield read.filter((_, position) => listed[position]);
    const last = read.length === BATCH ? read.at(-1) : undefined;
    after = last && { values: [last.createdAt], id: last.id };
  } while (after);
}

/**
 * Lists active connections, all at once: for commands.
 * @param durable the durable store
 * @param owner whose
 * @returns the newest first
 */
export async function activeConnections(durable: DurableStore, owner: ConnectionOwner): Promise<Stored<Connection>[]> {
  const found: Stored<Connection>[][] = [];
  for await (const some of eachActive(durable, owner)) found.push(some);
  return found.flat();
}

/** The connections whose codes can still be exchanged: of all, only those are read that are as young as that. */
export async function pendingConnections(durable: DurableStore, owner: ConnectionOwner): Promise<Stored<Connection>[]> {
  const { index, key } = indexFor(owner);
  const after = { values: [Date.now() - PENDING_MS], id: '' };
  return (await durable.list(connections, index, key, { after })).filter((one) => !isActive(one));
}

/**
 * Counts active connections, without reading them unless some have just ended together with others.
 * @param durable the durable store
 * @param owner whose
 * @param pending those of these connections that are pending, where the caller knows them
 * @param most where counting may end
 * @param noneEnded whether the caller knows that no removal of many is under way
 * @returns how many, or `most`
 */
export async function countActiveConnections(
  durable: DurableStore,
  owner: ConnectionOwner,
  {
    most = Number.POSITIVE_INFINITY,
    pending,
    noneEnded = false,
  }: { readonly most?: number; readonly pending?: number; readonly noneEnded?: boolean } = {},
): Promise<number> {
  if (!noneEnded && (await endedAmong(durable))) return countOneByOne(durable, owner, most);
  const { index, key } = indexFor(owner);
  const waiting = pending ?? (await pendingConnections(durable, owner)).length;
  const limit = Number.isFinite(most) ? { limit: most + waiting } : {};
  // One that was exchanged or ended since must not make it less than nothing.
  return Math.max(0, (await durable.count(connections, index, key, limit)) - waiting);
}

async function countOneByOne(durable: DurableStore, owner: ConnectionOwner, most: number): Promise<number> {
  let count = 0;
  for await (const some of eachActive(durable, owner)) {
    count += some.length;
    if (count >= most) return most;
  }
  return count;
}
