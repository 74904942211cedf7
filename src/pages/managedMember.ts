/** The member that a page is about, and where a change of that member leads. */
import { existingAccount } from '../accounts/findAccount.js';
import { manageableMember } from '../organizations/manageableMember.js';
import type { Stored } from '../stores/collection.js';
import type { Account } from '../stores/records/account.js';
import type { Member } from '../stores/records/member.js';
import type { Administration } from './organizationAccess.js';
import type { Site } from './site.js';

/**
 * The member in the page's path.
 * @throws DirectoryError `not-found` for somebody who is no member, `forbidden` for the account owner
 */
export async function managed(
  { stores: { durable } }: Site,
  { ctx, actor, organization }: Administration,
): Promise<{ member: Stored<Member>; account: Stored<Account> }> {
  const { member } = await manageableMember(durable, actor, organization.id, ctx.params.account ?? '');
  return { member, account: await existingAccount(durable, member.accountId) };
}

/** Where a change leads. Somebody who gave up the own membership or role may not see the list of members any more. */
export const afterwards = (site: Site, { path, actor }: Administration, accountId: string, done: string): string =>
  accountId === actor.accountId ? `${site.config.basePath}/account/connections` : `${path}/members?done=${done}`;
