/** Giving a member other roles. */
import { invitationsEnd } from '../accounts/invitations/inviterAuthority.js';
import { audit } from '../audit.js';
import type { Stored } from '../stores/collection.js';
import { type Change, type DurableStore, replace, unchanged } from '../stores/durable.js';
import type { Actor } from '../stores/records/auditEvent.js';
import { type Member, members } from '../stores/records/member.js';
import type { RoleAssignment } from '../stores/records/role.js';
import { retryOnConflict } from '../stores/retryOnConflict.js';
import type { Stores } from '../stores/stores.js';
import { demandRoles } from './demandRoles.js';
import { demandVerified, type RolesGiven } from './demandVerified.js';
import { manageableMember } from './manageableMember.js';
import { sameRoles } from './roleProblem.js';
import { byMapping, roleDetails } from './roles.js';
import { withRoles } from './withRoles.js';

/**
 * The changes that give a member other roles, for a commit of the caller; what an admin invited ends with the role.
 * @param durable the durable store
 * @param actor who gives them
 * @param member the membership as it was read; not the account owner's
 * @param roles roles that one member can have together
 * @param mappedRoles those of them that claims of the upstream give, when it is these that change
 * @returns the membership with these roles, and the changes; none when the member has exactly these already
 */
export async function rolesChange(
  durable: DurableStore,
  actor: Actor,
  member: Stored<Member>,
  roles: readonly RoleAssignment[],
  mappedRoles?: readonly RoleAssignment[],
): Promise<{ member: Member; changes: Change[] }> {
  const { organizationId, accountId } = member;
  const changed = withRoles(member, roles, mappedRoles);
  if (sameRoles(member.roles, roles) && sameRoles(member.mappedRoles ?? [], changed.mappedRoles ?? []))
    return { member, changes: [] };
  const before = roleDetails(member.roles).roles;
  const details = { ...roleDetails(roles), before, ...byMapping(mappedRoles) };
  const event = audit(actor, { action: 'member.roles-changed', organizationId, accountId, details });
  return {
    member: changed,
    changes: [replace(members, changed), ...(await invitationsEnd(durable, actor, member, roles)), event],
  };
}

/**
 * Replaces all roles of a member; the same roles again change nothing.
 * @param stores where the directory is
 * @param actor the operator, or the owner or an admin of the organization
 * @param request whose membership, where, and the complete list of roles from now on
 * @returns the membership as it is now
 * @throws DirectoryError `conflict` for roles that exclude each other and for an operator's role to an unverified address,
 *   `invalid` for malformed ones, `not-found`, or `forbidden` for the account owner's membership and for an actor who may not
 */
export async function changeRoles(
  stores: Stores,
  actor: Actor,
  request: RolesGiven & { readonly organizationId: string },
): Promise<Member> {
  const { durable } = stores;
  const { organizationId, accountId, roles } = request;
  demandRoles(roles);
  return retryOnConflict(async () => {
    const { member: before, authority } = await manageableMember(durable, actor, organizationId, accountId);
    await demandVerified(durable, actor, request, before.roles);
    const { member, changes } = await rolesChange(durable, actor, before, roles);
    if (changes.length > 0) await durable.commit([...authority.map((one) => unchanged(members, one)), ...changes]);
    return member;
  });
}
