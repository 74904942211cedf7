/** The members of an organization, as its admins see them. */
import type { Stored } from '../stores/collection.js';
import type { DurableStore, ListPlace } from '../stores/durable.js';
import { matchingPage } from '../stores/matchingPage.js';
import { type Account, accounts } from '../stores/records/account.js';
import { type Member, memberId, members } from '../stores/records/member.js';
import type { Organization } from '../stores/records/organization.js';
import { inSteps } from '../turns.js';
import { accountsOnce } from './organizationConnections.js';
import { mayAdminister } from './roles.js';

export interface ListedMember {
  readonly member: Stored<Member>;
  readonly account: Stored<Account>;
}

const isOwner = ({ roles }: Member): boolean => roles.some(({ role }) => role === 'account-owner');

/**
 * Lists all of an organization's members with their accounts.
 * @param durable the durable store
 * @param organizationId which organization
 * @returns the account owner first, then in the order in which they joined
 */
export async function membersOf(durable: DurableStore, organizationId: string): Promise<ListedMember[]> {
  const memberships = await durable.list(members, 'byOrganization', [organizationId]);
  const found = await inSteps(memberships, async (member) => {
    const account = await durable.get(accounts, member.accountId);
    return account ? [{ member, account }] : [];
  });
  const all = found.flat();
  return [...all.filter(({ member }) => isOwner(member)), ...all.filter(({ member }) => !isOwner(member))];
}

/**
 * Reads one page of the members.
 * @param durable the durable store
 * @param organization which organization
 * @param page `text`: in a name or address; `size` and `after`: which page
 * @returns on the first page the account owner first, then in the order in which they joined; and where the next page goes
 *   on. A page can have fewer members than `size`, even none, and a next one nevertheless.
 */
export async function memberPage(
  durable: DurableStore,
  { id, ownerId }: Organization,
  { text, size, after }: { text: string; size: number; after: ListPlace | undefined },
): Promise<{ listed: ListedMember[]; next: ListPlace | undefined }> {
  const accountOf = accountsOnce(durable);
  const wanted = text.toLocaleLowerCase();
  const matches = async ({ accountId }: Member): Promise<boolean> => {
    const account = await accountOf(accountId);
    return (
      account !== undefined && [account.name, account.email].some((one) => one.toLocaleLowerCase().includes(wanted))
    );
  };
  const owner = after ? undefined : await durable.get(members, memberId(id, ownerId));
  const listing = {
    collection: members,
    index: 'byOrganization',
    key: [id],
    matches: async (member: Stored<Member>) => member.accountId !== ownerId && (await matches(member)),
  } as const;
  const { records, next } = await matchingPage(durable, listing, { size, after, reverse: false });
  const shown = [...(owner && (await matches(owner)) ? [owner] : []), ...records];
  const found = shown.map(async (member) => ({ member, account: await accountOf(member.accountId) }));
  return {
    listed: (await Promise.all(found)).flatMap(({ member, account }) => (account ? [{ member, account }] : [])),
    next,
  };
}

/** So many members are looked through for those who may administer the organization. */
const LOOKED_THROUGH = 1_000;

/** Those of the members who joined first who may administer an organization. */
export async function administratorsOf(durable: DurableStore, organizationId: string): Promise<Stored<Member>[]> {
  const first = await durable.list(members, 'byOrganization', [organizationId], { limit: LOOKED_THROUGH });
  const able = first.filter(mayAdminister);
  return [...able.filter(isOwner), ...able.filter((member) => !isOwner(member))];
}
