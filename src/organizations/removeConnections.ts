/** Removing all connections of an account, an organization, a member, or a client in an organization, at once. */
import { audit } from '../audit.js';
import { activeConnections, type ConnectionOwner, indexFor } from '../connections/activeConnections.js';
import type { Stored } from '../stores/collection.js';
import { type Change, type DurableStore, removeAll, unchanged } from '../stores/durable.js';
import type { Actor } from '../stores/records/auditEvent.js';
import { type Connection, connections } from '../stores/records/connection.js';
import { type Member, members } from '../stores/records/member.js';
import { retryOnConflict } from '../stores/retryOnConflict.js';
import type { Stores } from '../stores/stores.js';
import { demandAdministrator } from './demandAdministrator.js';
import { DirectoryError } from './directoryError.js';

/**
 * The changes that end connections, those that wait for their code included, for a commit of the caller, who has made
 * sure that somebody entitled wants it; each organization's audit log says how many it lost.
 * @param actor who ends them
 * @param owner whose connections
 * @param by why, where the actor does not say it
 * @returns the active connections that end, and the changes
 */
export async function connectionsEnd(
  durable: DurableStore,
  actor: Actor,
  owner: ConnectionOwner,
  by?: string,
): Promise<{ ended: Connection[]; changes: Change[] }> {
  const { index, key } = indexFor(owner);
  const { accountId, clientId } = owner;
  const ended = await activeConnections(durable, owner);
  const organizationIds = [...new Set(ended.map(({ organizationId }) => organizationId))];
  const events = organizationIds.map((organizationId) =>
    audit(actor, {
      action: 'connection.removed',
      organizationId,
      ...(accountId !== undefined && { accountId }),
      ...(clientId !== undefined && { clientId }),
      details: {
        connections: ended.filter((one) => one.organizationId === organizationId).length,
        ...(clientId !== undefined && { client: ended[0]?.clientName ?? clientId }),
        ...(by !== undefined && { by }),
      },
    }),
  );
  return { ended, changes: [removeAll(connections, index, [...key]), ...events] };
}

/**
 * Removes connections, those that wait for their code included; each organization's audit log says how many it lost.
 * @param stores where the connections are
 * @param actor the operator, the account itself, or in an organization its owner or an admin
 * @param owner whose connections
 * @returns the active connections that ended
 * @throws DirectoryError `forbidden` or `not-found` for an actor who may not
 */
export async function removeConnections(stores: Stores, actor: Actor, owner: ConnectionOwner): Promise<Connection[]> {
  const { durable } = stores;
  return retryOnConflict(async () => {
    const authority = await demandAuthority(durable, actor, owner);
    const { ended, changes } = await connectionsEnd(durable, actor, owner);
    await durable.commit([...authority.map((member) => unchanged(members, member)), ...changes]);
    return ended;
  });
}

async function demandAuthority(
  durable: DurableStore,
  actor: Actor,
  { accountId, organizationId }: ConnectionOwner,
): Promise<Stored<Member>[]> {
  if (actor.kind === 'account' && actor.accountId === accountId) return [];
  if (organizationId !== undefined) return demandAdministrator(durable, actor, organizationId);
  if (actor.kind === 'operator') return [];
  throw new DirectoryError('forbidden', 'People remove their own connections only.');
}
