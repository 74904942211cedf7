/** Audit events: each is written in the same commit as the change that it records. */
import { z } from 'zod';
import { newId } from './ids.js';
import { type Change, insert } from './stores/durable.js';
import { type Actor, type AuditEvent, auditEvents } from './stores/records/auditEvent.js';
import type { Stores } from './stores/stores.js';
import { volatileKind } from './stores/volatile.js';

type NewEvent = Omit<AuditEvent, 'id' | 'at' | 'actor'>;

const refusals = volatileKind('audited-refusal', z.literal(true));

/** Somebody who tries again and again is written down once in this time, in milliseconds, so that logs cannot be flooded. */
const REFUSAL_PAUSE_MS = 60_000;

/**
 * The change that writes an audit event; pass it to the commit that makes what the event tells.
 * @param actor who did it
 * @param event what was done, and to which organization, account, client or connection; no secrets
 */
export function audit(actor: Actor, event: NewEvent): Change {
  const at = Date.now();
  const id = `${at.toString().padStart(15, '0')}-${newId('evt')}`;
  return insert(auditEvents, { ...event, id, at, actor });
}

/**
 * Writes an attempt that was refused, at most once a minute for the same actor, action and organization.
 * @param actor who tried
 * @param event what, and where; no secrets
 */
export async function auditRefusal(stores: Stores, actor: Actor, event: NewEvent): Promise<void> {
  const who = actor.kind === 'account' ? actor.accountId : actor.kind === 'client' ? actor.clientId : '';
  const key = JSON.stringify([actor.kind, who, event.action, event.organizationId]);
  if (!(await stores.volatile.add(refusals, key, true, Date.now() + REFUSAL_PAUSE_MS))) return;
  await stores.durable.commit([audit(actor, event)]);
}
