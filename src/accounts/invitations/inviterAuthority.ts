/** An invitation is valid as long as the account that made it may administer the organization; the operator's always are. */
import { audit } from '../../audit.js';
import { FEW } from '../../organizations/finishRemovals.js';
import { removalNoted } from '../../organizations/removeConnections.js';
import { mayAdminister } from '../../organizations/roles.js';
import type { Stored } from '../../stores/collection.js';
import { type Change, type DurableStore, remove, replace, unchanged } from '../../stores/durable.js';
import { type Account, accounts } from '../../stores/records/account.js';
import type { Actor } from '../../stores/records/auditEvent.js';
import { type Invitation, invitations } from '../../stores/records/invitation.js';
import { type Member, memberId, members } from '../../stores/records/member.js';
import type { RoleAssignment } from '../../stores/records/role.js';
import { inSteps } from '../../turns.js';

/**
 * What an invitation rests on now.
 * @returns undefined when its inviter may no longer administer the organization, or the inviter's account was handed to
 *   another holder since, so that the invitation gives nothing
 */
export async function authorityBehind(
  durable: DurableStore,
  { organizationId, invitedBy, inviterEpoch = 0 }: Pick<Invitation, 'organizationId' | 'invitedBy' | 'inviterEpoch'>,
): Promise<Authority | undefined> {
  if (invitedBy === undefined) return { memberships: [] };
  const [membership, inviter] = await durable.getEach(
    [members, memberId(organizationId, invitedBy)],
    [accounts, invitedBy],
  );
  if (!membership || !inviter || !mayAdminister(membership)) return undefined;
  return inviterEpoch < (inviter.invitationEpoch ?? 0) ? undefined : { memberships: [membership], inviter };
}

/** What an invitation rests on; to be committed `unchanged` with what is done by it. Nothing for the operator's. */
export interface Authority {
  readonly memberships: readonly Stored<Member>[];
  /** The account that made it. */
  readonly inviter?: Stored<Account>;
}

/**
 * Who makes or renews an invitation, as its record says it. When the account is handed over at the same moment, the invitation
 * has an epoch that has passed, and gives nothing.
 */
export async function inviterFields(
  durable: DurableStore,
  actor: Actor,
): Promise<Pick<Invitation, 'invitedBy' | 'inviterEpoch'>> {
  if (actor.kind !== 'account') return {};
  const { invitationEpoch = 0 } = (await durable.get(accounts, actor.accountId)) ?? {};
  return { invitedBy: actor.accountId, ...(invitationEpoch > 0 && { inviterEpoch: invitationEpoch }) };
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

const HANDED_OVER = 'its inviter held the account before its address was verified';

/**
 * What withdraws all that an account has invited, wherever it may administer, for the commit that ends its holder. A few
 * invitations go in that commit. Of many the account's epoch ends all, and their records go some time later; each
 * organization's audit log says how many.
 * @param before the account as it was read; the commit writes the one that is returned in its place
 * @returns the account, memberships to be committed `unchanged`, and the changes
 */
export async function invitationsByEnd<A extends Stored<Account>>(
  durable: DurableStore,
  actor: Actor,
  before: A,
): Promise<{ account: A; memberships: Stored<Member>[]; changes: Change[] }> {
  const { id } = before;
  const memberships = (await durable.list(members, 'byAccount', [id])).filter(mayAdminister);
  const open = await inSteps(memberships, async ({ organizationId }) => {
    const all = await durable.list(invitations, 'byOrganization', [organizationId]);
    return { organizationId, own: all.filter(({ invitedBy }) => invitedBy === id) };
  });
  const own = open.flatMap((one) => one.own);
  if (own.length <= FEW)
    return { account: before, memberships, changes: own.flatMap((one) => withdrawal(actor, one, HANDED_OVER)) };
  const epoch = (before.invitationEpoch ?? 0) + 1;
  const events = open
    .filter((one) => one.own.length > 0)
    .map(({ organizationId, own: { length } }) =>
      audit(actor, {
        action: 'invitation.withdrawn',
        organizationId,
        details: { invitations: length, by: HANDED_OVER },
      }),
    );
  return {
    account: { ...before, invitationEpoch: epoch },
    memberships: [],
    changes: [removalNoted({ accountId: id, invitations: true, before: epoch }), ...events],
  };
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
