/** Connections as the Admin API shows them. */
import { z } from 'zod';
import type { Connection as StoredConnection } from '../../stores/records/connection.js';
import { Id, Moment, momentOf } from './fields.js';
import { listOf } from './list.js';
import { named } from './named.js';

export const Connection = named(
  'Connection',
  z.strictObject({
    id: Id,
    accountId: Id,
    organizationId: Id,
    clientId: z.string(),
    clientName: z.string().describe('What the client called itself when it was allowed in.'),
    verifiedHost: z.string().exactOptional().describe("The host that vouches for the client's identity, if one does."),
    resource: z.string().describe('What its tokens are for (RFC 8707).'),
    scope: z.string(),
    createdAt: Moment,
    expiresAt: Moment.describe('One calendar month after it was made.'),
    replacedBy: Id.exactOptional().describe(
      'The newer connection of the same client that has all that this one was granted. This one goes on working.',
    ),
    replacedAt: Moment.exactOptional().describe('Since when it is replaced.'),
  }),
);
export type Connection = z.infer<typeof Connection>;

export const ConnectionList = listOf('ConnectionList', Connection);

export const RemovedConnections = named(
  'RemovedConnections',
  z.strictObject({ removed: z.int().min(0).describe('How many active connections ended.') }),
);

/** A connection without what only the store needs, its times as text. */
export const shownConnection = (connection: StoredConnection): Connection => {
  const { id, accountId, organizationId, clientId, clientName, verifiedHost, resource, scope, replacedBy, replacedAt } =
    connection;
  return {
    id,
    accountId,
    organizationId,
    clientId,
    clientName,
    ...(verifiedHost !== undefined && { verifiedHost }),
    resource,
    scope,
    createdAt: momentOf(connection.createdAt),
    expiresAt: momentOf(connection.expiresAt),
    ...(replacedBy !== undefined && { replacedBy }),
    ...(replacedAt !== undefined && { replacedAt: momentOf(replacedAt) }),
  };
};
