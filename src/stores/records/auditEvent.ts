/** An audit event: who did what, when and from where. Never holds a secret, token, code or password. */
import { z } from 'zod';
import { TEXT_BOUNDS } from '../../textBounds.js';
import { collection } from '../collection.js';

export const Actor = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('account'), accountId: z.string(), ip: z.string().exactOptional() }),
  z.strictObject({ kind: z.literal('client'), clientId: z.string(), ip: z.string().exactOptional() }),
  /** At the command line, or through a client of the Admin API and from its address. */
  z.strictObject({
    kind: z.literal('operator'),
    clientId: z.string().exactOptional(),
    ip: z.string().exactOptional(),
  }),
]);
export type Actor = z.infer<typeof Actor>;

export const AuditAction = z.enum([
  'account.created',
  'account.changed',
  'account.removed',
  'account.password-set',
  'account.sessions-ended',
  'account.linked',
  'account.unlinked',
  'organization.created',
  'organization.renamed',
  'organization.removed',
  'organization.mcp-access-on',
  'organization.mcp-access-off',
  'organization.mcp-access-refused',
  'member.added',
  'member.roles-changed',
  'member.removed',
  'member.change-refused',
  'invitation.created',
  'invitation.renewed',
  'invitation.withdrawn',
  'invitation.accepted',
  'invitation.refused',
  'connection.consented',
  'connection.consent-refused',
  'connection.removed',
  'connection.removal-refused',
  'connection.code-reused',
  'connection.refresh-token-reused',
  'connection.refresh-token-repeated',
]);
export type AuditAction = z.infer<typeof AuditAction>;

export const AuditEvent = z.strictObject({
  /** Ordered by time: the moment in milliseconds, then random. */
  id: z.string().min(1),
  at: z.int(),
  action: AuditAction,
  actor: Actor,
  /** Where the event belongs; absent when it concerns an account alone. */
  organizationId: z.string().exactOptional(),
  /** The account that the event is about, when it is about one. */
  accountId: z.string().exactOptional(),
  clientId: z.string().exactOptional(),
  connectionId: z.string().exactOptional(),
  /** What changed, in a few words or values. */
  details: z
    .record(z.string(), z.union([z.string().max(TEXT_BOUNDS.auditDetail.most), z.number(), z.boolean()]))
    .exactOptional(),
});
export type AuditEvent = z.infer<typeof AuditEvent>;

export const auditEvents = collection({
  name: 'auditEvents',
  schema: AuditEvent,
  indexes: {
    byOrganization: { fields: ['organizationId', 'id'] },
    byAccount: { fields: ['accountId', 'id'] },
  },
});
