/** Accepting an invitation, which works once. */
import { audit } from '../../audit.js';
import { newId, secretHash } from '../../ids.js';
import { admission } from '../../organizations/addMember.js';
import { DirectoryError } from '../../organizations/directoryError.js';
import { Name } from '../../organizations/names.js';
import { newMembership } from '../../organizations/newMembership.js';
import { validated } from '../../organizations/validated.js';
import { type Change, remove, unchanged } from '../../stores/durable.js';
import { type Account, accounts } from '../../stores/records/account.js';
import type { Actor } from '../../stores/records/auditEvent.js';
import { invitations } from '../../stores/records/invitation.js';
import { type Member, members } from '../../stores/records/member.js';
import { retryOnConflict } from '../../stores/retryOnConflict.js';
import type { Stores } from '../../stores/stores.js';
import { demandNewPassword } from '../demandNewPassword.js';
import { newAccount } from '../newAccount.js';
import { hashPassword } from '../passwords.js';
import { generationOf, type SignedIn, wasEnded } from '../sessions.js';
import { type OpenInvitation, openInvitation } from './openInvitation.js';

const NO_ACCOUNT = 'This invitation can be accepted with an account that exists, and makes none.';

/** Of several who accept at once the first one's commit takes the invitation away; the others find it gone. */
const usedUp = (actor: Actor, { invitation, authority }: OpenInvitation, accountId: string): Change[] => [
  ...authority.memberships.map((member) => unchanged(members, member)),
  ...(authority.inviter ? [unchanged(accounts, authority.inviter)] : []),
  unchanged(invitations, invitation),
  remove(invitations, invitation.id),
  audit(actor, {
    action: 'invitation.accepted',
    organizationId: invitation.organizationId,
    accountId,
    details: { email: invitation.email },
  }),
];

/**
 * A signed-in person accepts: the account with the invited address becomes a member, and no other. When a mailed link shows
 * for the first time that the address is theirs, everything that was held before ends, the password included.
 * @param actor the person
 * @param signedIn the session in which the person accepts
 * @param token of the link
 * @returns the new membership, the account as it is now, and whether this very acceptance ended its sessions; undefined
 *   when the session was ended meanwhile, and nothing happened
 * @throws DirectoryError `not-found` for an invitation that is over or that nobody stands behind any more,
 *   `forbidden` for an account with another address,
 *   `conflict` for a member
 */
export async function acceptInvitation(
  stores: Stores,
  actor: Extract<Actor, { kind: 'account' }>,
  { session, sessionId }: Pick<SignedIn, 'session' | 'sessionId'>,
  token: string,
): Promise<{ account: Account; member: Member; handedOver: boolean } | undefined> {
  const { durable } = stores;
  const { accountId } = actor;
  return retryOnConflict(async () => {
    const open = await openInvitation(durable, token);
    const { organizationId, roles, email, mailed } = open.invitation;
    if (open.account?.id !== accountId)
      throw new DirectoryError('forbidden', `This invitation is for ${email}, and for no other account.`);
    const request = { organizationId, accountId, roles, provesEmail: mailed };
    const { member, before, account, changes } = await admission(durable, actor, request);
    if (wasEnded(before, session, secretHash(sessionId))) return undefined;
    await durable.commit([...usedUp(actor, open, accountId), ...changes]);
    return { account, member, handedOver: generationOf(account) !== generationOf(before) };
  });
}

/**
 * A new person accepts: an account with the invited address comes to be, and is a member. The address counts as verified
 * only when the link was mailed there.
 * @param origin the address that the request came from
 * @param token of the link
 * @param fields name and password
 * @returns the account and its membership
 * @throws DirectoryError `not-found` for an invitation that is over or that nobody stands behind any more,
 *   `invalid` for a field, `conflict` when the address has
 *   an account, `forbidden` when no account may be made with this invitation
 */
export async function joinWithNewAccount(
  stores: Stores,
  origin: { ip: string },
  token: string,
  fields: { name: string; password: string },
): Promise<{ account: Account; member: Member }> {
  const { durable } = stores;
  await openInvitation(durable, token);
  const name = validated(Name, fields.name);
  demandNewPassword(fields.password);
  const passwordHash = await hashPassword(fields.password);
  return retryOnConflict(async () => {
    const open = await openInvitation(durable, token);
    const { email, mailed, roles } = open.invitation;
    if (!open.makesAccount) throw new DirectoryError('forbidden', NO_ACCOUNT);
    if (open.account)
      throw new DirectoryError('conflict', `${email} has an account already; sign in with it to accept.`);
    const id = newId('acc');
    const actor = { kind: 'account' as const, accountId: id, ip: origin.ip };
    const created = newAccount(actor, { id, email, name, passwordHash, emailVerified: mailed });
    const { member, changes } = newMembership(actor, open.organization, id, roles);
    await durable.commit([...usedUp(actor, open, id), ...created.changes, ...changes]);
    return { account: created.account, member };
  });
}
