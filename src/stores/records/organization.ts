/** An organization: what a connection acts in. */
import { z } from 'zod';
import { TEXT_BOUNDS } from '../../textBounds.js';
import { collection } from '../collection.js';

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
  createdAt: z.int(),
});
export type Organization = z.infer<typeof Organization>;

export const organizations = collection({
  name: 'organizations',
  changesCounted: () => true,
  schema: Organization,
  indexes: { byOwner: { fields: ['ownerId', 'createdAt'] }, byName: { fields: ['name'] } },
});
