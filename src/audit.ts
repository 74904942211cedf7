/** Audit events: each is written in the same commit as the change that it records. */
import { z } from 'zod';
import { newId } from './ids.js';
import { type Change, insert } from './stores/durable.js';
import { type Actor, type AuditEvent, auditEvents } from './stores/records/auditEvent.js';
import type { Stores } from './stores/stores.js';
import { volatileKind } from './stores/volatile.js';
import { cut } from './textBounds.js';

type NewEvent = Omit<AuditEvent, 'id' | 'at' | 'actor'>;

const refusals = volatileKind('audited-refusal', z.literal(true));

/** Somebody who tries again and again is written down once in this time, in milliseconds, so that logs cannot be flooded. */
const REFUSAL_PAUSE_MS = 60_000;

/** The time of the latest event of this process, and how many others it had before it in that millisecond. */
let latest = { at: 0, others: 0 };

/** Ids in the order of the events: by time, and within a millisecond as this process made them. */
function idOf(at: number): string {
  latest = { at, others: at === latest.at ? latest.others + 1 : 0 };
  return `${at.toString().padStart(15, '0')}-${latest.others.toString().padStart(4, '0')}-${newId('evt')}`;
}

/**
 * The change that writes an audit event; pass it to the commit that makes what the event tells.
 * @param actor who did it
 * @param event what was done, and to which organization, account, client or connection; no secrets
 */
export function audit(actor: Actor, event: NewEvent): Change {
  const at = Date.now();
  const details = event.details && { details: withinBounds(event.details) };
  return insert(auditEvents, { ...event, ...details, id: idOf(at), at, actor });
}

/** A list of two hundred roles says by its beginning what happened; the member's record has all of them. */
const withinBounds = (details: NonNullable<NewEvent['details']>): NonNullable<NewEvent['details']> =>
  Object.fromEntries(
    Object.entries(details).map(([name, value]) => [
      name,
      typeof value === 'string' ? cut('auditDetail', value) : value,
    ]),
  );

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
