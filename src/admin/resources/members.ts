/** Members of an organization: list, add, give roles, remove. */
import { z } from 'zod';
import { accountById } from '../../accounts/findAccount.js';
import { DirectoryError } from '../../organizations/directoryError.js';
import { existingOrganization, memberOf } from '../../organizations/findOrganization.js';
import { putMember } from '../../organizations/putMember.js';
import { removeMember } from '../../organizations/removeMember.js';
import type { DurableStore } from '../../stores/durable.js';
import { matchingPage } from '../../stores/matchingPage.js';
import { members, type Member as StoredMember } from '../../stores/records/member.js';
import { operation } from '../operation.js';
import { page } from '../page.js';
import { Id, nothing } from '../schemas/fields.js';
import { paging } from '../schemas/list.js';
import { Member, MemberInput, MemberList, shownMember } from '../schemas/member.js';

const tag = 'Members';
const one = {
  tag,
  path: '/organizations/{organizationId}/members/{accountId}',
  params: z.strictObject({ organizationId: Id, accountId: Id }),
  query: nothing,
} as const;

const shown = async (durable: DurableStore, member: StoredMember): Promise<Member> =>
  shownMember(member, await accountById(durable, member.accountId));

async function existingMember(durable: DurableStore, organizationId: string, accountId: string): Promise<StoredMember> {
  const organization = await existingOrganization(durable, organizationId);
  const member = await memberOf(durable, organizationId, accountId);
  if (member) return member;
  throw new DirectoryError('not-found', `The account ${accountId} is no member of "${organization.name}".`);
}

export const memberOperations = [
  operation(
    {
      id: 'listMembers',
      method: 'get',
      path: '/organizations/{organizationId}/members',
      tag,
      summary: 'List the members of an organization in the order in which they joined',
      params: z.strictObject({ organizationId: Id }),
      query: z.strictObject(paging),
      answer: MemberList,
      problems: ['not-found'],
    },
    async ({ stores: { durable }, params: { organizationId }, query }) => {
      await existingOrganization(durable, organizationId);
      const listing = { collection: members, index: 'byOrganization', key: [organizationId] } as const;
      return {
        body: await page(
          ['members', organizationId],
          'number',
          query,
          (place) => matchingPage(durable, listing, { ...place, reverse: false }),
          (member) => shown(durable, member),
        ),
      };
    },
  ),
  operation(
    {
      id: 'getMember',
      method: 'get',
      ...one,
      summary: 'Read a membership',
      answer: Member,
      problems: ['not-found'],
    },
    async ({ stores: { durable }, params: { organizationId, accountId } }) => ({
      body: await shown(durable, await existingMember(durable, organizationId, accountId)),
    }),
  ),
  operation(
    {
      id: 'putMember',
      method: 'put',
      ...one,
      summary: 'Make an account a member with these roles, or give a member these in place of the present ones',
      description: 'The same request again changes nothing. The Account Owner keeps the one role that it has.',
      body: MemberInput,
      answer: Member,
      creates: true,
      problems: ['not-found', 'conflict', 'forbidden'],
    },
    async ({ stores, actor, params, body }) => {
      const { member, created } = await putMember(stores, actor, { ...params, ...body });
      return { created, body: await shown(stores.durable, member) };
    },
  ),
  operation(
    {
      id: 'deleteMember',
      method: 'delete',
      ...one,
      summary: "Remove a member, and with the membership the member's connections in this organization",
      problems: ['not-found', 'forbidden'],
    },
    async ({ stores, actor, params: { organizationId, accountId } }) => {
      await removeMember(stores, actor, organizationId, accountId);
      return { body: undefined };
    },
  ),
];
