/** A membership: one account's roles in one organization. */
import { z } from 'zod';
import { collection } from '../collection.js';
import { MOST_ROLES, RoleAssignment } from './role.js';

export const Member = z.strictObject({
  id: z.string().min(1),
  organizationId: z.string().min(1),
  accountId: z.string().min(1),
  roles: z.array(RoleAssignment).min(1).max(MOST_ROLES),
  /** Those of the roles that claims of the upstream gave; they go when the claims do. */
  mappedRoles: z.array(RoleAssignment).max(MOST_ROLES).exactOptional(),
  createdAt: z.int(),
});
export type Member = z.infer<typeof Member>;

export const members = collection({
  name: 'members',
  changesCounted: () => true,
  schema: Member,
  indexes: {
    byAccount: { fields: ['accountId', 'createdAt'] },
    byOrganization: { fields: ['organizationId', 'createdAt'] },
  },
});

/** The id of a membership follows from its two ends, so the policy reads it without an index. */
export const memberId = (organizationId: string, accountId: string): string => `${organizationId}:${accountId}`;
