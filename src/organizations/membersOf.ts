/** The members of an organization, as its admins see them. */
import type { Stored } from '../stores/collection.js';
import type { DurableStore } from '../stores/durable.js';
import { type Account, accounts } from '../stores/records/account.js';
import { type Member, members } from '../stores/records/member.js';

export interface ListedMember {
  readonly member: Stored<Member>;
  readonly account: Stored<Account>;
}

const isOwner = ({ member }: ListedMember): boolean => member.roles.some(({ role }) => role === 'account-owner');

/**
 * Lists an organization's members with their accounts.
 * @param durable the durable store
 * @param organizationId which organization
 * @returns the account owner first, then in the order in which they joined
 */
export async function membersOf(durable: DurableStore, organizationId: string): Promise<ListedMember[]> {
  const memberships = await durable.list(members, 'byOrganization', [organizationId]);
  const found = await Promise.all(
    memberships.map(async (member) => {
      const account = await durable.get(accounts, member.accountId);
      return account ? [{ member, account }] : [];
    }),
  );
  return found.flat().toSorted((a, b) => Number(isOwner(b)) - Number(isOwner(a)));
}
