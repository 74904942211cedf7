/** Accepting an invitation, which works once. */
import { audit } from '../../audit.js';
import { newId } from '../../ids.js';
import { admission } from '../../organizations/addMember.js';
import { DirectoryError } from '../../organizations/directoryError.js';
import { Name } from '../../organizations/names.js';
import { newMembership } from '../../organizations/newMembership.js';
import { validated } from '../../organizations/validated.js';
import type { Stored } from '../../stores/collection.js';
import { type Change, remove, unchanged } from '../../stores/durable.js';
import type { Account } from '../../stores/records/account.js';
import type { Actor } from '../../stores/records/auditEvent.js';
import { type Invitation, invitations } from '../../stores/records/invitation.js';
import type { Member } from '../../stores/records/member.js';
import { retryOnConflict } from '../../stores/retryOnConflict.js';
import type { Stores } from '../../stores/stores.js';
import { demandNewPassword } from '../demandNewPassword.js';
import { newAccount } from '../newAccount.js';
import { hashPassword } from '../passwords.js';
import { openInvitation } from './openInvitation.js';

/** Of several who accept at once the first one's commit takes the invitation away; the others find it gone. */
const usedUp = (actor: Actor, invitation: Stored<Invitation>, accountId: string): Change[] => [
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
 * A signed-in person accepts: the account with the invited address becomes a member, and no other.
 * @param actor the person
 * @param token of the link
 * @returns the new membership
 * @throws DirectoryError `not-found` for an invitation that is over, `forbidden` for an account with another address,
 *   `conflict` for a member
 */
export async function acceptInvitation(
  stores: Stores,
  actor: Extract<Actor, { kind: 'account' }>,
  token: string,
): Promise<Member> {
  const { durable } = stores;
  const { accountId } = actor;
  return retryOnConflict(async () => {
    const { invitation, account } = await openInvitation(durable, token);
    const { organizationId, roles, email, mailed } = invitation;
    if (account?.id !== accountId)
      throw new DirectoryError('forbidden', `This invitation is for ${email}, and for no other account.`);
    const request = { organizationId, accountId, roles, provesEmail: mailed };
    const { member, changes } = await admission(durable, actor, request);
    await durable.commit([...usedUp(actor, invitation, accountId), ...changes]);
    return member;
  });
}

/**
 * A new person accepts: an account with the invited address comes to be, and is a member. The address counts as verified
 * only when the link was mailed there.
 * @param origin the address that the request came from
 * @param token of the link
 * @param fields name and password
 * @returns the account and its membership
 * @throws DirectoryError `not-found` for an invitation that is over, `invalid` for a field, `conflict` when the address
 *   has an account
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
    const { invitation, organization, account: existing } = await openInvitation(durable, token);
    const { email, mailed, roles } = invitation;
    if (existing) throw new DirectoryError('conflict', `${email} has an account already; sign in with it to accept.`);
    const id = newId('acc');
    const actor = { kind: 'account' as const, accountId: id, ip: origin.ip };
    const created = newAccount(actor, { id, email, name, passwordHash, emailVerified: mailed });
    const { member, changes } = newMembership(actor, organization, id, roles);
    await durable.commit([...usedUp(actor, invitation, id), ...created.changes, ...changes]);
    return { account: created.account, member };
  });
}
