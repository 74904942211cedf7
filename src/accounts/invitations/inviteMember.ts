/** Inviting somebody into an organization. */
import { audit } from '../../audit.js';
import { newId } from '../../ids.js';
import { demandAdministrator } from '../../organizations/demandAdministrator.js';
import { demandRoles } from '../../organizations/demandRoles.js';
import { DirectoryError } from '../../organizations/directoryError.js';
import { existingOrganization, memberOf } from '../../organizations/findOrganization.js';
import { demandShared } from '../../organizations/newMembership.js';
import { roleDetails } from '../../organizations/roles.js';
import { validated } from '../../organizations/validated.js';
import { type Change, type DurableStore, insert, replace } from '../../stores/durable.js';
import { Email } from '../../stores/records/account.js';
import type { Actor } from '../../stores/records/auditEvent.js';
import { type Invitation, invitations } from '../../stores/records/invitation.js';
import { type Organization, organizations } from '../../stores/records/organization.js';
import type { RoleAssignment } from '../../stores/records/role.js';
import { retryOnConflict } from '../../stores/retryOnConflict.js';
import type { Stores } from '../../stores/stores.js';
import { accountByEmail } from '../findAccount.js';
import { demandSession, type SignedIn } from '../sessions.js';
import { newLink } from './invitationLink.js';
import { authorityBehind, inviterFields, restingOn, withdrawal } from './inviterAuthority.js';

/** So many invitations of an organization may be open at once; it keeps this server from being used to send bulk mail. */
const MOST_OPEN = 200;

/**
 * Invites an email address; it becomes a member by accepting.
 * @param stores where the directory is
 * @param actor the operator, or the owner or an admin of the organization
 * @param request where, whom, with which roles, and whether the link goes there by mail
 * @param asking the session of an actor who has one: when it was ended meanwhile, no invitation is made
 * @returns the invitation, and the token for its link, which is not kept
 * @throws DirectoryError `conflict` for roles that exclude each other, for a member, and for somebody who is invited
 *   already; `invalid` for the address or malformed roles; `forbidden` for a personal organization and for an actor who
 *   may not; `not-found`
 */
export async function inviteMember(
  stores: Stores,
  actor: Actor,
  request: { organizationId: string; email: string; roles: readonly RoleAssignment[]; mailed: boolean },
  asking?: Pick<SignedIn, 'session' | 'sessionId'>,
): Promise<{ invitation: Invitation; token: string }> {
  const { durable } = stores;
  const { organizationId, mailed } = request;
  return retryOnConflict(async () => {
    const authority = await demandAdministrator(durable, actor, organizationId);
    const session = await demandSession(durable, asking);
    const organization = await existingOrganization(durable, organizationId);
    demandShared(organization);
    const email = validated(Email, request.email);
    demandRoles(request.roles);
    const stale = await demandInvitable(durable, actor, organization, email);
    const { token, fields } = newLink(mailed);
    const invitation: Invitation = {
      ...fields,
      id: newId('inv'),
      organizationId,
      email,
      roles: [...request.roles],
      ...(await inviterFields(durable, actor)),
      createdAt: Date.now(),
    };
    await durable.commit([
      ...restingOn(authority),
      ...session,
      ...stale,
      // Written, so that of two admins who invite the same address at once the second one has to look again.
      replace(organizations, organization),
      insert(invitations, invitation),
      audit(actor, {
        action: 'invitation.created',
        organizationId,
        details: { email, ...roleDetails(request.roles), mailed },
      }),
    ]);
    return { invitation, token };
  });
}

/** @returns the changes that withdraw an invitation of the same address that gives nothing any more */
async function demandInvitable(
  durable: DurableStore,
  actor: Actor,
  organization: Organization,
  email: string,
): Promise<Change[]> {
  const { id, name } = organization;
  const account = await accountByEmail(durable, email);
  if (account && (await memberOf(durable, id, account.id)))
    throw new DirectoryError('conflict', `${email} is a member of "${name}" already; change the roles there.`);
  const [open] = await durable.list(invitations, 'byInvitee', [id, email], { limit: 1 });
  const stale = open !== undefined && !(await authorityBehind(durable, open));
  if (open && !stale)
    throw new DirectoryError('conflict', `${email} is invited already; resend or withdraw that invitation instead.`);
  if ((await durable.count(invitations, 'byOrganization', [id])) >= MOST_OPEN)
    throw new DirectoryError('conflict', `${MOST_OPEN} invitations are open already; withdraw some of them first.`);
  return stale ? withdrawal(actor, open) : [];
}
