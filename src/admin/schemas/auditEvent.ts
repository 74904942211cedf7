/** Audit events as the Admin API shows them. */
import { z } from 'zod';
import { AuditAction, AuditEvent as StoredEvent } from '../../stores/records/auditEvent.js';
import { Moment, momentOf } from './fields.js';
import { listOf } from './list.js';
import { named } from './named.js';

export const Action = named('AuditAction', AuditAction);

export const AuditEvent = named(
  'AuditEvent',
  z.strictObject({
    ...StoredEvent.shape,
    action: Action,
    at: Moment,
    actor: StoredEvent.shape.actor.describe(
      'Who did it: an account, a client, or the operator, at the command line or through an admin client (`clientId`).',
    ),
  }),
);
export type AuditEvent = z.infer<typeof AuditEvent>;

export const AuditEventList = listOf('AuditEventList', AuditEvent);

/** An event without what only the store needs. */
export const shownEvent = ({ id, at, ...rest }: StoredEvent & { readonly revision?: number }): AuditEvent => {
  const { revision: _, ...event } = rest;
  return { id, at: momentOf(at), ...event };
};
