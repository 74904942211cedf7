/** Whose active connections: listed and counted; those that wait for their code to be exchanged are left out. */
import type { Stored } from '../stores/collection.js';
import type { DurableStore } from '../stores/durable.js';
import { type Connection, connections } from '../stores/records/connection.js';
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

/**
 * Lists active connections.
 * @param durable the durable store
 * @param owner whose
 * @returns the newest first
 */
export async function activeConnections(durable: DurableStore, owner: ConnectionOwner): Promise<Stored<Connection>[]> {
  const { index, key } = indexFor(owner);
  return (await durable.list(connections, index, key, { reverse: true })).filter(isActive);
}

/** The connections whose codes can still be exchanged: of all, only those are read that are as young as that. */
export async function pendingConnections(durable: DurableStore, owner: ConnectionOwner): Promise<Stored<Connection>[]> {
  const { index, key } = indexFor(owner);
  const after = { values: [Date.now() - PENDING_MS], id: '' };
  return (await durable.list(connections, index, key, { after })).filter((one) => !isActive(one));
}

/**
 * Counts active connections without reading them.
 * @param durable the durable store
 * @param owner whose
 * @param pending those of these connections that are pending, where the caller knows them
 * @param most where counting may end
 * @returns how many, or `most`
 */
export async function countActiveConnections(
  durable: DurableStore,
  owner: ConnectionOwner,
  { most, pending }: { readonly most?: number; readonly pending?: number } = {},
): Promise<number> {
  const { index, key } = indexFor(owner);
  const waiting = pending ?? (await pendingConnections(durable, owner)).length;
  const limit = most === undefined ? {} : { limit: most + waiting };
  // One that was exchanged or ended since must not make it less than nothing.
  return Math.max(0, (await durable.count(connections, index, key, limit)) - waiting);
}
