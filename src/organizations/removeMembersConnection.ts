/** Removing one connection of a member, as an admin of the organization. */
import { connectionById } from '../connections/endedConnections.js';
import { connectionRemoval } from '../connections/removeConnection.js';
import type { Stored } from '../stores/collection.js';
import { type DurableStore, unchanged } from '../stores/durable.js';
import type { Actor } from '../stores/records/auditEvent.js';
import type { Connection } from '../stores/records/connection.js';
import { members } from '../stores/records/member.js';
import { retryOnConflict } from '../stores/retryOnConflict.js';
import type { Stores } from '../stores/stores.js';
import { demandAdministrator } from './demandAdministrator.js';
import { DirectoryError } from './directoryError.js';

/**
 * An active connection of an organization.
 * @throws DirectoryError `not-found` for one that is not there, not active, or another organization's
 */
export async function existingConnection(
  durable: DurableStore,
  organizationId: string,
  connectionId: string,
): Promise<Stored<Connection>> {
  const connection = await connectionById(durable, connectionId);
  if (connection?.organizationId === organizationId && connection.status === 'active') return connection;
  throw new DirectoryError(
    'not-found',
    'The organization has no such connection; it may have been removed or have ended.',
  );
}

/**
 * Removes a connection of whichever member; its tokens are dead from then on.
 * @param stores where the connections are
 * @param actor the operator, or the owner or an admin of the organization
 * @param organizationId where
 * @param connectionId which connection
 * @returns the removed connection
 * @throws DirectoryError `not-found`, or `forbidden` for an actor who may not
 */
export async function removeMembersConnection(
  stores: Stores,
  actor: Actor,
  organizationId: string,
  connectionId: string,
): Promise<Connection> {
  const { durable } = stores;
  return retryOnConflict(async () => {
    const authority = await demandAdministrator(durable, actor, organizationId);
    const connection = await existingConnection(durable, organizationId, connectionId);
    await durable.commit([
      ...authority.map((member) => unchanged(members, member)),
      ...connectionRemoval(actor, connection),
    ]);
    return connection;
  });
}
