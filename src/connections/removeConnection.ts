/** Ending a connection: one delete of its record, after which every token of it is dead. */
import { audit } from '../audit.js';
import type { Stored } from '../stores/collection.js';
import { type Change, remove, unchanged } from '../stores/durable.js';
import type { Actor, AuditAction } from '../stores/records/auditEvent.js';
import { type Connection, connections } from '../stores/records/connection.js';
import { retryOnConflict } from '../stores/retryOnConflict.js';
import type { Stores } from '../stores/stores.js';
import { connectionById } from './endedConnections.js';

type Cause = Extract<AuditAction, `connection.${string}`>;

/**
 * What removing a connection changes: its record goes, and the audit log says why. Of several at once one does it, and
 * the others conflict.
 * @param actor who removes it, or the client whose reuse ended it
 * @param cause the audit action
 */
export const connectionRemoval = (
  actor: Actor,
  connection: Stored<Connection>,
  cause: Cause = 'connection.removed',
): Change[] => [
  unchanged(connections, connection),
  remove(connections, connection.id),
  audit(actor, {
    action: cause,
    organizationId: connection.organizationId,
    accountId: connection.accountId,
    clientId: connection.clientId,
    connectionId: connection.id,
    details: { client: connection.clientName },
  }),
];

/**
 * Removes a connection and writes why. It needs the durable store alone, so it works while the volatile one is down;
 * tokens below it are rejected from the answer on, and their records expire by themselves (docs/rules.md, 4). One that is
 * gone already, or has ended together with others, is no error.
 * @param actor who removes it, or the client whose reuse ended it
 * @param cause the audit action
 */
export function removeConnection({ durable }: Stores, actor: Actor, id: string, cause?: Cause): Promise<void> {
  return retryOnConflict(async () => {
    const connection = await connectionById(durable, id);
    if (connection) await durable.commit(connectionRemoval(actor, connection, cause));
  });
}
