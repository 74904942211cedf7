/** An organization: what a connection acts in. */
import { z } from 'zod';
import { TEXT_BOUNDS } from '../../textBounds.js';
import { collection } from '../collection.js';

/** Connections that have ended and are not all taken away yet: those of an account, of a client, or all. */
const EndedConnections = z.strictObject({
  accountId: z.string().exactOptional(),
  clientId: z.string().exactOptional(),
  /** Only those of a lower `organizationEpoch`. */
  before: z.int(),
});
export type EndedConnections = z.infer<typeof EndedConnections>;

/** So many removals of an organization's connections can be under way at once. */
export const MOST_ENDED = 32;

export const Organization = z.strictObject({
  id: z.string().min(1),
  name: z.string().trim().min(1).max(TEXT_BOUNDS.name.most),
  /** Every account has one personal organization, which nobody else can join. */
  personal: z.boolean(),
  ownerId: z.string().min(1),
  /** The switch "Allow MCP connections for all clients". */
  mcpAccess: z.boolean(),
  /** Who moved the switch last (account id; absent when the operator did) and when (milliseconds, UTC). */
  mcpAccessChangedBy: z.string().exactOptional(),
  mcpAccessChangedAt: z.int().exactOptional(),
  /** One higher each time that many connections are removed at once; connections note it at consent. Absent: 0. */
  connectionEpoch: z.int().exactOptional(),
  endedConnections: z.array(EndedConnections).max(MOST_ENDED).exactOptional(),
  createdAt: z.int(),
});
export type Organization = z.infer<typeof Organization>;

export const organizations = collection({
  name: 'organizations',
  changesCounted: () => true,
  schema: Organization,
  indexes: { byOwner: { fields: ['ownerId', 'createdAt'] }, byName: { fields: ['name'] } },
});
