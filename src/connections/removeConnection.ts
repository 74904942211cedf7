/** Ending a connection: one delete of its record, after which every token of it is dead. */
import { audit } from '../audit.js';
import { type Change, remove } from '../stores/durable.js';
import type { Actor, AuditAction } from '../stores/records/auditEvent.js';
import { type Connection, connections } from '../stores/records/connection.js';
import type { Stores } from '../stores/stores.js';

type Cause = Extract<AuditAction, `connection.${string}`>;

/**
 * What removing a connection changes: its record goes, and the audit log says why.
 * @param actor who removes it, or the client whose reuse ended it
 * @param cause the audit action
 */
export const connectionRemoval = (
  actor: Actor,
  connection: Connection,
  cause: Cause = 'connection.removed',
): Change[] => [
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
 * tokens below it are rejected from the answer on, and their records expire by themselves (docs/rules.md, 4).
 * @param actor who removes it, or the client whose reuse ended it
 * @param cause the audit action
 */
export async function removeConnection(
  stores: Stores,
  actor: Actor,
  connection: Connection,
  cause?: Cause,
): Promise<void> {
  await stores.durable.commit(connectionRemoval(actor, connection, cause));
}
