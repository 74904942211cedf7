/** The invitations of an organization that wait for an answer, and what its admins do with them. */
import { audit } from '../../audit.js';
import { demandAdministrator } from '../../organizations/demandAdministrator.js';
import { DirectoryError } from '../../organizations/directoryError.js';
import type { Stored } from '../../stores/collection.js';
import { type DurableStore, remove, replace, unchanged } from '../../stores/durable.js';
import type { Actor } from '../../stores/records/auditEvent.js';
import { type Invitation, invitations } from '../../stores/records/invitation.js';
import { members } from '../../stores/records/member.js';
import { retryOnConflict } from '../../stores/retryOnConflict.js';
import type { Stores } from '../../stores/stores.js';
import { inSteps } from '../../turns.js';
import { demandSession, type SignedIn } from '../sessions.js';
import { newLink } from './invitationLink.js';
import { authorityBehind, inviterFields, restingOn } from './inviterAuthority.js';

/**
 * Lists the open invitations of an organization, without those whose inviter may no longer administer it.
 * @returns the oldest first
 */
export async function pendingInvitations(durable: DurableStore, organizationId: string): Promise<Stored<Invitation>[]> {
  const open = await durable.list(invitations, 'byOrganization', [organizationId]);
  const behind = await inSteps(open, (one) => authorityBehind(durable, one));
  return open.filter((_, index) => behind[index] !== undefined);
}

/**
 * An open invitation of an organization.
 * @throws DirectoryError `not-found` for one that is not there any more, or another organization's
 */
export async function existingInvitation(
  durable: DurableStore,
  organizationId: string,
  invitationId: string,
): Promise<Stored<Invitation>> {
  const invitation = await durable.get(invitations, invitationId);
  if (invitation?.organizationId === organizationId && (await authorityBehind(durable, invitation))) return invitation;
  throw new DirectoryError('not-found', 'This invitation was accepted or withdrawn, or it has expired.');
}

/**
 * Makes a new link for an open invitation, valid for seven days from now; the link before stops working.
 * @param actor the operator, or the owner or an admin of the organization
 * @param which the invitation, and whether the new link goes to its address by mail
 * @param asking the session of an actor who has one: when it was ended meanwhile, no link is made
 * @returns the invitation as it is now, and the token for its link, which is not kept
 * @throws DirectoryError `not-found`, or `forbidden` for an actor who may not
 */
export async function renewInvitation(
  stores: Stores,
  actor: Actor,
  which: { organizationId: string; invitationId: string; mailed: boolean },
  asking?: Pick<SignedIn, 'session' | 'sessionId'>,
): Promise<{ invitation: Invitation; token: string }> {
  const { organizationId, invitationId, mailed } = which;
  return retryOnConflict(async () => {
    const authority = await demandAdministrator(stores.durable, actor, organizationId);
    const session = await demandSession(stores.durable, asking);
    const before = await existingInvitation(stores.durable, organizationId, invitationId);
    const { token, fields } = newLink(mailed);
    const { invitedBy: _, inviterEpoch: __, ...withoutInviter } = before;
    const invitation = {
      ...(actor.kind === 'account' ? withoutInviter : before),
      ...fields,
      ...(await inviterFields(stores.durable, actor)),
    };
    await stores.durable.commit([
      ...restingOn(authority),
      ...session,
      replace(invitations, invitation),
      audit(actor, { action: 'invitation.renewed', organizationId, details: { email: before.email, mailed } }),
    ]);
    return { invitation, token };
  });
}

/**
 * Takes an invitation back; its link stops working at once.
 * @param actor the operator, or the owner or an admin of the organization
 * @returns the invitation that was
 * @throws DirectoryError `not-found`, or `forbidden` for an actor who may not
 */
export async function withdrawInvitation(
  stores: Stores,
  actor: Actor,
  organizationId: string,
  invitationId: string,
): Promise<Invitation> {
  return retryOnConflict(async () => {
    const authority = await demandAdministrator(stores.durable, actor, organizationId);
    const invitation = await existingInvitation(stores.durable, organizationId, invitationId);
    await stores.durable.commit([
      ...authority.map((member) => unchanged(members, member)),
      unchanged(invitations, invitation),
      remove(invitations, invitationId),
      audit(actor, { action: 'invitation.withdrawn', organizationId, details: { email: invitation.email } }),
    ]);
    return invitation;
  });
}
