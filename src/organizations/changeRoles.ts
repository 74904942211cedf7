/** Giving a member other roles. */
import { audit } from '../audit.js';
import { replace, unchanged } from '../stores/durable.js';
import type { Actor } from '../stores/records/auditEvent.js';
import { type Member, members } from '../stores/records/member.js';
import type { RoleAssignment } from '../stores/records/role.js';
import { retryOnConflict } from '../stores/retryOnConflict.js';
import type { Stores } from '../stores/stores.js';
import { demandRoles } from './demandRoles.js';
import { manageableMember } from './manageableMember.js';
import { sameRoles } from './roleProblem.js';
import { roleDetails } from './roles.js';

/**
 * Replaces all roles of a member; the same roles again change nothing.
 * @param stores where the directory is
 * @param actor the operator, or the owner or an admin of the organization
 * @param request whose membership, where, and the complete list of roles from now on
 * @returns the membership as it is now
 * @throws DirectoryError `conflict` for roles that exclude each other, `invalid` for malformed ones, `not-found`, or
 *   `forbidden` for the account owner's membership and for an actor who may not
 */
export async function changeRoles(
  stores: Stores,
  actor: Actor,
  { organizationId, accountId, roles }: { organizationId: string; accountId: string; roles: readonly RoleAssignment[] },
): Promise<Member> {
  const { durable } = stores;
  demandRoles(roles);
  return retryOnConflict(async () => {
    const { member, authority } = await manageableMember(durable, actor, organizationId, accountId);
    if (sameRoles(member.roles, roles)) return member;
    const changed = { ...member, roles: [...roles] };
    await durable.commit([
      ...authority.map((one) => unchanged(members, one)),
      replace(members, changed),
      audit(actor, {
        action: 'member.roles-changed',
        organizationId,
        accountId,
        details: { ...roleDetails(roles), before: roleDetails(member.roles).roles },
      }),
    ]);
    return changed;
  });
}
