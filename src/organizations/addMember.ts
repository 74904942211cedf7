/** Adding a member to an organization. */
import { existingAccount } from '../accounts/findAccount.js';
import { type Change, type DurableStore, replace, unchanged } from '../stores/durable.js';
import { accounts } from '../stores/records/account.js';
import type { Actor } from '../stores/records/auditEvent.js';
import { type Member, members } from '../stores/records/member.js';
import type { RoleAssignment } from '../stores/records/role.js';
import { retryOnConflict } from '../stores/retryOnConflict.js';
import type { Stores } from '../stores/stores.js';
import { demandAdministrator } from './demandAdministrator.js';
import { demandRoles } from './demandRoles.js';
import { DirectoryError } from './directoryError.js';
import { existingOrganization, memberOf } from './findOrganization.js';
import { demandRoom, newMembership } from './newMembership.js';

/** Who becomes a member of what, with which roles. */
export interface Admission {
  readonly organizationId: string;
  readonly accountId: string;
  readonly roles: readonly RoleAssignment[];
  /** Those of the roles that claims of the upstream give. */
  readonly mappedRoles?: readonly RoleAssignment[];
  /** Whether it comes about in a way that shows that the account's email address is the person's. */
  readonly provesEmail?: boolean;
}

/**
 * The changes that make an account a member, for a commit of the caller, who has made sure that somebody entitled
 * wants it (an admin, or an invitation by one).
 * @param durable the durable store
 * @param actor who adds the member, or accepts the invitation
 * @param admission who, where and with which roles
 * @returns the new membership and the changes that write it
 * @throws DirectoryError `not-found` for organization or account, `forbidden` for a personal organization, `conflict`
 *   for somebody who is a member already and for roles that exclude each other, `invalid` for malformed roles
 */
export async function admission(
  durable: DurableStore,
  actor: Actor,
  { organizationId, accountId, roles, mappedRoles, provesEmail = false }: Admission,
): Promise<{ member: Member; changes: Change[] }> {
  demandRoles(roles);
  const organization = await existingOrganization(durable, organizationId);
  const { member, changes } = newMembership(actor, organization, accountId, roles, mappedRoles);
  const account = await existingAccount(durable, accountId);
  if (await memberOf(durable, organizationId, accountId))
    throw new DirectoryError(
      'conflict',
      `${account.email} is a member of "${organization.name}" already; change the roles.`,
    );
  await demandRoom(durable, actor, account, 'conflict');
  const verified = provesEmail && !account.emailVerified;
  return {
    member,
    changes: [
      verified ? replace(accounts, { ...account, emailVerified: true }) : unchanged(accounts, account),
      ...changes,
    ],
  };
}

/**
 * Adds a member.
 * @param stores where the directory is
 * @param actor the operator, or the owner or an admin of the organization
 * @param request who, where and with which roles
 * @returns the new membership
 * @throws DirectoryError as `admission`, and `forbidden` or `not-found` for an actor who may not
 */
export async function addMember(stores: Stores, actor: Actor, request: Admission): Promise<Member> {
  const { durable } = stores;
  return retryOnConflict(async () => {
    const authority = await demandAdministrator(durable, actor, request.organizationId);
    const { member, changes } = await admission(durable, actor, request);
    await durable.commit([...authority.map((one) => unchanged(members, one)), ...changes]);
    return member;
  });
}
