/** Adding a member to an organization. */
import { existingAccount } from '../accounts/findAccount.js';
import { formerHolderDetails, handOver, handoverChanges } from '../accounts/holder.js';
import { audit } from '../audit.js';
import type { Stored } from '../stores/collection.js';
import { type Change, type DurableStore, unchanged } from '../stores/durable.js';
import { type Account, accounts } from '../stores/records/account.js';
import type { Actor } from '../stores/records/auditEvent.js';
import { type Member, members } from '../stores/records/member.js';
import type { RoleAssignment } from '../stores/records/role.js';
import { retryOnConflict } from '../stores/retryOnConflict.js';
import type { Stores } from '../stores/stores.js';
import { demandAdministrator } from './demandAdministrator.js';
import { demandRoles } from './demandRoles.js';
import { demandVerified, type RolesGiven } from './demandVerified.js';
import { DirectoryError } from './directoryError.js';
import { existingOrganization, memberOf } from './findOrganization.js';
import { demandRoom, newMembership } from './newMembership.js';

/** Who becomes a member of what, with which roles. */
export interface Admission extends RolesGiven {
  readonly organizationId: string;
  /** Those of the roles that claims of the upstream give. */
  readonly mappedRoles?: readonly RoleAssignment[];
  /** Whether it comes about in a way that shows that the account's email address is the person's: a former holder loses it. */
  readonly provesEmail?: boolean;
}

/**
 * The changes that make an account a member, for a commit of the caller, who has made sure that somebody entitled
 * wants it (an admin, or an invitation by one).
 * @param durable the durable store
 * @param actor who adds the member, or accepts the invitation
 * @param admission who, where and with which roles
 * @returns the new membership, the account as it was read and as it is from then on, and the changes that write both,
 *   which hold for the account as it was read alone
 * @throws DirectoryError `not-found` for organization or account, `forbidden` for a personal organization, `conflict`
 *   for a member, for roles that exclude each other and for an operator's role to an unverified
 *   address, `invalid` for malformed roles
 */
export async function admission(
  durable: DurableStore,
  actor: Actor,
  request: Admission,
): Promise<{ member: Member; before: Stored<Account>; account: Stored<Account>; changes: Change[] }> {
  const { organizationId, accountId, roles, mappedRoles, provesEmail = false } = request;
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
  await demandVerified(durable, actor, request);
  if (!provesEmail || account.emailVerified)
    return { member, before: account, account, changes: [unchanged(accounts, account), ...changes] };
  const handover = await handOver(durable, actor, account, { emailVerified: true });
  const details = { emailVerified: true, ...formerHolderDetails(handover) };
  const event = audit(actor, { action: 'account.changed', accountId, details });
  return {
    member,
    before: account,
    account: handover.account,
    changes: [...handoverChanges(handover), ...changes, event],
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
