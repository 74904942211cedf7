/** What is stored when an account becomes a member of an organization that somebody else owns. */
import { audit } from '../audit.js';
import type { Stored } from '../stores/collection.js';
import { type Change, type DurableStore, insert, replace } from '../stores/durable.js';
import type { Account } from '../stores/records/account.js';
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

/** So many organizations an account belongs to at most, unless the operator adds it: each page has a menu of them. */
export const MOST_ORGANIZATIONS = 500;

/**
 * Demands that an account can belong to one organization more.
 * @param code how the refusal is called
 * @throws DirectoryError with that code
 */
export async function demandRoom(
  durable: DurableStore,
  actor: Actor,
  { id, email }: Pick<Account, 'id' | 'email'>,
  code: 'invalid' | 'conflict',
): Promise<void> {
  if (actor.kind === 'operator') return;
  const memberships = await durable.count(members, 'byAccount', [id], { limit: MOST_ORGANIZATIONS });
  if (memberships < MOST_ORGANIZATIONS) return;
  throw new DirectoryError(code, `${email} belongs to ${MOST_ORGANIZATIONS} organizations, the most; leave one first.`);
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
