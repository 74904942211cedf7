/** Organizations and their MCP access as the Admin API takes and shows them. */
import { z } from 'zod';
import { Name } from '../../organizations/names.js';
import type { Organization as StoredOrganization } from '../../stores/records/organization.js';
import { AcceptUnverified, Id, Moment, momentOf } from './fields.js';
import { listOf } from './list.js';
import { named } from './named.js';

export const OrganizationInput = named(
  'OrganizationInput',
  z.strictObject({
    name: Name,
    ownerId: Id.describe('The account of the Account Owner, who is permanent: another one is refused later.'),
    acceptUnverified: AcceptUnverified,
  }),
);

export const Organization = named(
  'Organization',
  z.strictObject({
    id: Id,
    name: z.string(),
    ownerId: Id,
    personal: z.boolean().describe("Whether it is its owner's personal organization, which nobody else can join."),
    mcpAccess: z.boolean().describe('Whether MCP connections are allowed; moved at `…/mcp-access`.'),
    createdAt: Moment,
  }),
);
export type Organization = z.infer<typeof Organization>;

export const OrganizationList = listOf('OrganizationList', Organization);

/** An organization without what only the store needs, its times as text. */
export const shownOrganization = ({
  id,
  name,
  ownerId,
  personal,
  mcpAccess,
  createdAt,
}: StoredOrganization): Organization => ({
  id,
  name,
  ownerId,
  personal,
  mcpAccess,
  createdAt: momentOf(createdAt),
});

export const McpAccessInput = named(
  'McpAccessInput',
  z.strictObject({
    enabled: z.boolean().describe('Whether MCP connections of this organization are allowed.'),
    removeConnections: z
      .boolean()
      .default(false)
      .describe('Also remove every connection, so that none works again when it is switched on.'),
  }),
);

export const McpAccess = named(
  'McpAccess',
  z.strictObject({
    enabled: z.boolean(),
    changedAt: Moment.exactOptional().describe('When it was moved last; not there when it never was.'),
    changedBy: Id.exactOptional().describe('The account that moved it; not there when the operator did.'),
    activeConnections: z
      .strictObject({
        count: z.int().min(0),
        more: z.boolean().describe('Whether there are more than that.'),
      })
      .describe('How many connections work when it is on, and are rejected while it is off.'),
  }),
);
export type McpAccess = z.infer<typeof McpAccess>;
