/** Organizations: list, make, rename, remove. */
import { z } from 'zod';
import { existingAccount } from '../../accounts/findAccount.js';
import { existingOrganization } from '../../organizations/findOrganization.js';
import { putOrganization } from '../../organizations/putOrganization.js';
import { removeOrganization } from '../../organizations/removeOrganization.js';
import type { DurableStore, ListPlace } from '../../stores/durable.js';
import { matchingPage } from '../../stores/matchingPage.js';
import { members } from '../../stores/records/member.js';
import { organizations } from '../../stores/records/organization.js';
import { operation } from '../operation.js';
import { page } from '../page.js';
import { Id, nothing } from '../schemas/fields.js';
import { paging } from '../schemas/list.js';
import { Organization, OrganizationInput, OrganizationList, shownOrganization } from '../schemas/organization.js';

const tag = 'Organizations';
const one = {
  tag,
  path: '/organizations/{organizationId}',
  params: z.strictObject({ organizationId: Id }),
  query: nothing,
} as const;

const Search = z.strictObject({
  accountId: Id.exactOptional().describe(
    'Only organizations of which this account is a member, in the order in which it joined them.',
  ),
  ...paging,
});

type Place = { size: number; after?: ListPlace };

const byName = (durable: DurableStore, place: Place) =>
  matchingPage(durable, { collection: organizations, index: 'byName', key: [] }, { ...place, reverse: false });

async function ofAccount(durable: DurableStore, accountId: string, place: Place) {
  await existingAccount(durable, accountId);
  const listing = { collection: members, index: 'byAccount', key: [accountId] } as const;
  const { records, ...rest } = await matchingPage(durable, listing, { ...place, reverse: false });
  const found = await Promise.all(records.map(({ organizationId }) => durable.get(organizations, organizationId)));
  return { records: found.flatMap((organization) => organization ?? []), ...rest };
}

export const organizationOperations = [
  operation(
    {
      id: 'listOrganizations',
      method: 'get',
      path: '/organizations',
      tag,
      summary: 'List organizations in the order of their names, or those of an account',
      params: nothing,
      query: Search,
      answer: OrganizationList,
      problems: ['not-found'],
    },
    async ({ stores: { durable }, query: { accountId, ...asked } }) => ({
      body: await page(
        ['organizations', accountId],
        accountId === undefined ? 'string' : 'number',
        asked,
        (place) => (accountId === undefined ? byName(durable, place) : ofAccount(durable, accountId, place)),
        shownOrganization,
      ),
    }),
  ),
  operation(
    {
      id: 'getOrganization',
      method: 'get',
      ...one,
      summary: 'Read an organization',
      answer: Organization,
      problems: ['not-found'],
    },
    async ({ stores, params }) => ({
      body: shownOrganization(await existingOrganization(stores.durable, params.organizationId)),
    }),
  ),
  operation(
    {
      id: 'putOrganization',
      method: 'put',
      ...one,
      summary: 'Make an organization under an id of your choosing, or rename it',
      description: 'MCP access of a new organization is on. The same request again changes nothing.',
      body: OrganizationInput,
      answer: Organization,
      creates: true,
      problems: ['not-found', 'conflict'],
    },
    async ({ stores, actor, params, body }) => {
      const { organization, created } = await putOrganization(stores, actor, params.organizationId, body);
      return { created, body: shownOrganization(organization) };
    },
  ),
  operation(
    {
      id: 'deleteOrganization',
      method: 'delete',
      ...one,
      summary: 'Remove an organization with its members and connections; a personal one is refused',
      problems: ['not-found', 'forbidden'],
    },
    async ({ stores, actor, params }) => {
      await removeOrganization(stores, actor, params.organizationId);
      return { body: undefined };
    },
  ),
];
