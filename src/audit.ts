/** Audit events: each is written in the same commit as the change that it records. */
import { newId } from './ids.js';
import { type Change, insert } from './stores/durable.js';
import { type Actor, type AuditEvent, auditEvents } from './stores/records/auditEvent.js';

/**
 * The change that writes an audit event; pass it to the commit that makes what the event tells.
 * @param actor who did it
 * @param event what was done, and to which organization, account, client or connection; no secrets
 */
export function audit(actor: Actor, event: Omit<AuditEvent, 'id' | 'at' | 'actor'>): Change {
  const at = Date.now();
  const id = `${at.toString().padStart(15, '0')}-${newId('evt')}`;
  return insert(auditEvents, { ...event, id, at, actor });
}
