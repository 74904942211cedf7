/** An invitation is valid as long as the account that made it may administer the organization; the operator's always are. */
import { audit } from '../../audit.js';
import { memberOf } from '../../organizations/findOrganization.js';
import { mayAdminister } from '../../organizations/roles.js';
import type { Stored } from '../../stores/collection.js';
import { type Change, type DurableStore, remove, replace, unchanged } from '../../stores/durable.js';
import type { Actor } from '../../stores/records/auditEvent.js';
import { type Invitation, invitations } from '../../stores/records/invitation.js';
import { type Member, members } from '../../stores/records/member.js';
import type { RoleAssignment } from '../../stores/records/role.js';

/**
 * What an invitation rests on now.
 * @returns the memberships to commit `unchanged` with what is done by it (none for the operator's); undefined when its
 *   inviter may no longer administer the organization, so that the invitation gives nothing
 */
export async function authorityBehind(
  durable: DurableStore,
  { organizationId, invitedBy }: Pick<Invitation, 'organizationId' | 'invitedBy'>,
): Promise<Stored<Member>[] | undefined> {
  if (invitedBy === undefined) return [];
  const inviter = await memberOf(durable, organizationId, invitedBy);
  return inviter && mayAdminister(inviter) ? [inviter] : undefined;
}

/**
 * The changes for a commit that makes or renews an invitation: the inviter's membership is written, so that a change of
 * roles that was decided before the invitation was there has to look again, and withdraws it.
 */
export const restingOn = (authority: readonly Stored<Member>[]): Change[] =>
  authority.map((member) => replace(members, member));

/**
 * The changes that withdraw what a member invited, for the commit that ends the member's authority. Everything that
 * takes roles or memberships away calls this.
 * @param actor who ends it
 * @param before the membership as it was read; the commit has to hold for that version alone
 * @param rolesAfter all roles from then on; none when the membership ends
 * @returns nothing when the member may still administer, or could not before
 */
export async function invitationsEnd(
  durable: DurableStore,
  actor: Actor,
  before: Stored<Member>,
  rolesAfter: readonly RoleAssignment[] = [],
): Promise<Change[]> {
  if (!mayAdminister(before) || mayAdminister({ roles: [...rolesAfter] })) return [];
  const { organizationId, accountId } = before;
  const open = await durable.list(invitations, 'byOrganization', [organizationId]);
  return open.filter(({ invitedBy }) => invitedBy === accountId).flatMap((one) => withdrawal(actor, one));
}

/**
 * What withdraws all that an account has invited, wherever it may administer, for the commit that ends its holder.
 * @returns its memberships there, to be committed `unchanged`, and the changes
 */
export async function invitationsBy(
  durable: DurableStore,
  actor: Actor,
  accountId: string,
): Promise<{ memberships: Stored<Member>[]; changes: Change[] }> {
  const memberships = (await durable.list(members, 'byAccount', [accountId])).filter(mayAdminister);
  const open = await Promise.all(
    memberships.map(({ organizationId }) => durable.list(invitations, 'byOrganization', [organizationId])),
  );
  const own = open.flat().filter(({ invitedBy }) => invitedBy === accountId);
  const why = 'its inviter held the account before its address was verified';
  return { memberships, changes: own.flatMap((one) => withdrawal(actor, one, why)) };
}

/** The changes that withdraw an invitation behind which nobody stands any more. */
export const withdrawal = (
  actor: Actor,
  invitation: Stored<Invitation>,
  by = 'its inviter may no longer administer the organization',
): Change[] => [
  unchanged(invitations, invitation),
  remove(invitations, invitation.id),
  audit(actor, {
    action: 'invitation.withdrawn',
    organizationId: invitation.organizationId,
    details: { email: invitation.email, by },
  }),
];
