/** Removing all connections of an account, of an organization, or of a member, at once. */
import { audit } from '../audit.js';
import { type DurableStore, removeAll } from '../stores/durable.js';
import type { Actor } from '../stores/records/auditEvent.js';
import { type Connection, connections } from '../stores/records/connection.js';
import type { Stores } from '../stores/stores.js';

/** Whose connections: an account's, an organization's, or with both those of one member. */
export type ConnectionOwner =
  | { readonly accountId: string; readonly organizationId?: undefined }
  | { readonly accountId?: undefined; readonly organizationId: string }
  | { readonly accountId: string; readonly organizationId: string };

/**
 * Lists active connections.
 * @param durable the durable store
 * @param owner whose
 * @returns the newest first
 */
export function activeConnections(durable: DurableStore, owner: ConnectionOwner): Promise<Connection[]> {
  const { accountId, organizationId } = owner;
  const newestFirst = { reverse: true };
  if (organizationId === undefined) return durable.list(connections, 'byAccount', [accountId, 'active'], newestFirst);
  if (accountId === undefined)
    return durable.list(connections, 'byOrganization', [organizationId, 'active'], newestFirst);
  return durable.list(connections, 'byMember', [organizationId, accountId, 'active'], newestFirst);
}

const removal = ({ accountId, organizationId }: ConnectionOwner) => {
  if (organizationId === undefined) return removeAll(connections, 'byAccount', [accountId]);
  if (accountId === undefined) return removeAll(connections, 'byOrganization', [organizationId]);
  return removeAll(connections, 'byMember', [organizationId, accountId]);
};

/**
 * Removes connections, those that wait for their code included; each organization's audit log says how many it lost.
 * @param stores where the connections are
 * @param actor who removes them; the caller has made sure that they may
 * @param owner whose connections
 * @returns the active connections that ended
 */
export async function removeConnections(stores: Stores, actor: Actor, owner: ConnectionOwner): Promise<Connection[]> {
  const ended = await activeConnections(stores.durable, owner);
  const organizationIds = [...new Set(ended.map(({ organizationId }) => organizationId))];
  await stores.durable.commit([
    removal(owner),
    ...organizationIds.map((organizationId) =>
      audit(actor, {
        action: 'connection.removed',
        organizationId,
        ...(owner.accountId !== undefined && { accountId: owner.accountId }),
        details: { connections: ended.filter((one) => one.organizationId === organizationId).length },
      }),
    ),
  ]);
  return ended;
}
