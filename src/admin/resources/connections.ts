/** Connections: list by account or organization, remove one or all. */
import { z } from 'zod';
import { existingAccount } from '../../accounts/findAccount.js';
import { activeOnes, type ConnectionOwner, indexFor } from '../../connections/activeConnections.js';
import { connectionById } from '../../connections/endedConnections.js';
import { DirectoryError } from '../../organizations/directoryError.js';
import { existingOrganization } from '../../organizations/findOrganization.js';
import { removeConnections } from '../../organizations/removeConnections.js';
import { removeMembersConnection } from '../../organizations/removeMembersConnection.js';
import type { DurableStore } from '../../stores/durable.js';
import { matchingPage } from '../../stores/matchingPage.js';
import { connections, type Connection as StoredConnection } from '../../stores/records/connection.js';
import { operation } from '../operation.js';
import { page } from '../page.js';
import { UnfitRequestError } from '../problems.js';
import { Connection, ConnectionList, RemovedConnections, shownConnection } from '../schemas/connection.js';
import { Id, nothing } from '../schemas/fields.js';
import { paging } from '../schemas/list.js';

const tag = 'Connections';
const one = {
  tag,
  path: '/connections/{connectionId}',
  params: z.strictObject({ connectionId: Id }),
  query: nothing,
  problems: ['not-found'],
} as const;
const all = { tag, path: '/connections', params: nothing, problems: ['not-found'] } as const;

const whose = {
  accountId: Id.exactOptional().describe('Whose; with `organizationId`: of this member there.'),
  organizationId: Id.exactOptional().describe('In which organization. This or `accountId` has to be given.'),
};

async function ownerOf(
  durable: DurableStore,
  { accountId, organizationId }: { accountId?: string; organizationId?: string },
): Promise<ConnectionOwner> {
  if (accountId !== undefined) await existingAccount(durable, accountId);
  if (organizationId !== undefined) await existingOrganization(durable, organizationId);
  if (accountId !== undefined) return organizationId === undefined ? { accountId } : { accountId, organizationId };
  if (organizationId !== undefined) return { organizationId };
  throw new UnfitRequestError([
    { pointer: 'accountId', detail: 'Say whose connections: give "accountId", "organizationId" or both.' },
  ]);
}

async function existing(durable: DurableStore, id: string): Promise<StoredConnection> {
  const connection = await connectionById(durable, id);
  if (connection?.status === 'active') return connection;
  throw new DirectoryError('not-found', `There is no connection ${id}; it may have been removed or have ended.`);
}

export const connectionOperations = [
  operation(
    {
      id: 'listConnections',
      method: 'get',
      ...all,
      summary: 'List the active connections of an account, an organization or a member, the newest first',
      query: z.strictObject({ ...whose, ...paging }),
      answer: ConnectionList,
    },
    async ({ stores: { durable }, query }) => {
      const owner = await ownerOf(durable, query);
      const listing = { collection: connections, ...indexFor(owner), matches: await activeOnes(durable) };
      return {
        body: await page(
          ['connections', query.accountId, query.organizationId],
          'number',
          query,
          (place) => matchingPage(durable, listing, place),
          shownConnection,
        ),
      };
    },
  ),
  operation(
    {
      id: 'deleteConnections',
      method: 'delete',
      ...all,
      summary: 'Remove all connections of an account, an organization or a member; their tokens are dead at once',
      query: z.strictObject(whose),
      answer: RemovedConnections,
    },
    async ({ stores, actor, query }) => {
      const removed = await removeConnections(stores, actor, await ownerOf(stores.durable, query));
      return { body: { removed } };
    },
  ),
  operation(
    { id: 'getConnection', method: 'get', ...one, summary: 'Read a connection', answer: Connection },
    async ({ stores, params }) => ({
      body: shownConnection(await existing(stores.durable, params.connectionId)),
    }),
  ),
  operation(
    {
      id: 'deleteConnection',
      method: 'delete',
      ...one,
      summary: 'Remove a connection; its tokens are dead at once',
    },
    async ({ stores, actor, params: { connectionId } }) => {
      const { organizationId } = await existing(stores.durable, connectionId);
      await removeMembersConnection(stores, actor, organizationId, connectionId);
      return { body: undefined };
    },
  ),
];
