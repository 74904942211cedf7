/** What is stored when an account becomes a member of an organization that somebody else owns. */
import { audit } from '../audit.js';
import type { Stored } from '../stores/collection.js';
import { type Change, insert, replace } from '../stores/durable.js';
import type { Actor } from '../stores/records/auditEvent.js';
import { type Member, memberId, members } from '../stores/records/member.js';
import { type Organization, organizations } from '../stores/records/organization.js';
import type { RoleAssignment } from '../stores/records/role.js';
import { DirectoryError } from './directoryError.js';
import { byMapping, roleDetails } from './roles.js';
import { withRoles } from './withRoles.js';

/**
 * Demands an organization that others than its owner can belong to.
 * @throws DirectoryError `forbidden` for a personal one
 */
export function demandShared({ personal }: Organization): void {
  if (personal) throw new DirectoryError('forbidden', 'Nobody can be added to a personal organization.');
}

/**
 * Decides the records of a new membership.
 * @param actor who adds the member, or accepts the invitation
 * @param organization where; as it was read, because the commit holds only for that version
 * @param accountId whose membership
 * @param roles roles that one member can have together
 * @param mappedRoles those of them that claims of the upstream give
 * @returns the membership, and the changes that write it and say so in the audit log
 * @throws DirectoryError `forbidden` for a personal organization
 */
export function newMembership(
  actor: Actor,
  organization: Stored<Organization>,
  accountId: string,
  roles: readonly RoleAssignment[],
  mappedRoles?: readonly RoleAssignment[],
): { member: Member; changes: Change[] } {
  demandShared(organization);
  const organizationId = organization.id;
  const id = memberId(organizationId, accountId);
  const member = withRoles({ id, organizationId, accountId, roles: [], createdAt: Date.now() }, roles, mappedRoles);
  const details = { ...roleDetails(roles), ...byMapping(mappedRoles) };
  const event = { action: 'member.added' as const, organizationId, accountId, details };
  // Written, not only found unchanged: a removal of the owner's account, which counts members, has to start again.
  return { member, changes: [replace(organizations, organization), insert(members, member), audit(actor, event)] };
}
