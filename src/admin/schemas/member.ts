/** Members as the Admin API takes and shows them. */
import { z } from 'zod';
import type { Account } from '../../stores/records/account.js';
import type { Member as StoredMember } from '../../stores/records/member.js';
import { AcceptUnverified, Id, Moment, momentOf, Roles } from './fields.js';
import { listOf } from './list.js';
import { named } from './named.js';

export const MemberInput = named(
  'MemberInput',
  z.strictObject({
    roles: Roles.describe(
      'All roles of the member from now on, at least one; `account-owner` cannot be given. A role of an app names the `app`, one of a keyset `app` and `keyset`.',
    ),
    acceptUnverified: AcceptUnverified,
  }),
);

export const Member = named(
  'Member',
  z.strictObject({
    organizationId: Id,
    accountId: Id,
    email: z.email().exactOptional().describe("The account's; not there in the moment in which it is removed."),
    name: z.string().exactOptional(),
    emailVerified: z.boolean().exactOptional().describe("Whether the address is known to be the person's."),
    roles: Roles,
    createdAt: Moment.describe('When the account became a member.'),
  }),
);
export type Member = z.infer<typeof Member>;

export const MemberList = listOf('MemberList', Member);

/** @param account the member's account */
export const shownMember = (
  { organizationId, accountId, roles, createdAt }: StoredMember,
  account: Account | undefined,
): Member => ({
  organizationId,
  accountId,
  ...(account && { email: account.email, name: account.name, emailVerified: account.emailVerified }),
  roles,
  createdAt: momentOf(createdAt),
});
