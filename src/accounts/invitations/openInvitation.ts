/** What the holder of an invitation's link may know: where it leads, as what, and who sent it. */
import { secretHash } from '../../ids.js';
import { DirectoryError } from '../../organizations/directoryError.js';
import type { Stored } from '../../stores/collection.js';
import type { DurableStore } from '../../stores/durable.js';
import type { Account } from '../../stores/records/account.js';
import { type Invitation, invitations } from '../../stores/records/invitation.js';
import { type Organization, organizations } from '../../stores/records/organization.js';
import { accountByEmail } from '../findAccount.js';
import { type Authority, authorityBehind } from './inviterAuthority.js';

export interface OpenInvitation {
  readonly invitation: Stored<Invitation>;
  readonly organization: Stored<Organization>;
  readonly authority: Authority;
  /** The account that has the invited address, when there is one. */
  readonly account: Stored<Account> | undefined;
  /**
   * Whether it can make an account: its link went to the address by mail, or an operator or a person with a verified
   * address answers for it. Others could make accounts in the names of people whom they only know the address of.
   */
  readonly makesAccount: boolean;
}

/**
 * The open invitation that a token belongs to.
 * @throws DirectoryError `not-found` for one that was used, withdrawn or renewed, that has expired, whose inviter may no
 *   longer administer the organization, or that never was
 */
export async function openInvitation(durable: DurableStore, token: string): Promise<OpenInvitation> {
  const [invitation] = await durable.list(invitations, 'byToken', [secretHash(token)], { limit: 1 });
  const organization = invitation && (await durable.get(organizations, invitation.organizationId));
  const authority = organization && (await authorityBehind(durable, invitation));
  if (!organization || !authority)
    throw new DirectoryError(
      'not-found',
      'This invitation does not work any more: it was used or withdrawn, a newer link was made, or its seven days are over.',
    );
  const { email, invitedBy, mailed } = invitation;
  const account = await accountByEmail(durable, email);
  const makesAccount = mailed || invitedBy === undefined || Boolean(authority.inviter?.emailVerified);
  return { invitation, organization, authority, account, makesAccount };
}
