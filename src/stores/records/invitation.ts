/** An invitation: an email address may become a member of an organization, by a link that works once. */
import { z } from 'zod';
import { collection } from '../collection.js';
import { Email } from './account.js';
import { MOST_ROLES, RoleAssignment } from './role.js';

export const Invitation = z.strictObject({
  id: z.string().min(1),
  /** SHA-256 of the link's token, base64url; the token itself is nowhere. */
  tokenHash: z.string().length(43),
  organizationId: z.string().min(1),
  email: Email,
  /** What the person will be in the organization. */
  roles: z.array(RoleAssignment).min(1).max(MOST_ROLES),
  /** The account id of who invited; absent when the operator did. */
  invitedBy: z.string().exactOptional(),
  /** The `invitationEpoch` of that account when it invited; absent: 0. */
  inviterEpoch: z.int().exactOptional(),
  /** Whether the link went to the address by mail and to nobody else: only then does following it verify the address. */
  mailed: z.boolean(),
  createdAt: z.int(),
  /** Seven days after the link was made. */
  keptUntil: z.int(),
});
export type Invitation = z.infer<typeof Invitation>;

export const invitations = collection({
  name: 'invitations',
  schema: Invitation,
  indexes: {
    byToken: { fields: ['tokenHash'], unique: true },
    byOrganization: { fields: ['organizationId', 'createdAt'] },
    byInvitee: { fields: ['organizationId', 'email'] },
  },
  keptUntil: 'keptUntil',
});
