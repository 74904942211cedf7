/** MCP access of an organization: the switch "Allow MCP connections for all clients". */
import { z } from 'zod';
import { existingOrganization } from '../../organizations/findOrganization.js';
import { affectedByMcpAccess, switchMcpAccess } from '../../organizations/switchMcpAccess.js';
import type { DurableStore } from '../../stores/durable.js';
import { operation } from '../operation.js';
import { Id, momentOf, nothing } from '../schemas/fields.js';
import { McpAccess, McpAccessInput } from '../schemas/organization.js';

const one = {
  tag: 'MCP access',
  path: '/organizations/{organizationId}/mcp-access',
  params: z.strictObject({ organizationId: Id }),
  query: nothing,
  problems: ['not-found'],
} as const;

async function shown(durable: DurableStore, organizationId: string): Promise<McpAccess> {
  const organization = await existingOrganization(durable, organizationId);
  const { connections, more = false } = await affectedByMcpAccess(durable, organizationId);
  const { mcpAccess, mcpAccessChangedAt, mcpAccessChangedBy } = organization;
  return {
    enabled: mcpAccess,
    ...(mcpAccessChangedAt !== undefined && { changedAt: momentOf(mcpAccessChangedAt) }),
    ...(mcpAccessChangedBy !== undefined && { changedBy: mcpAccessChangedBy }),
    activeConnections: { count: connections, more },
  };
}

export const mcpAccessOperations = [
  operation(
    {
      id: 'getMcpAccess',
      method: 'get',
      ...one,
      summary: 'Read whether MCP connections are allowed, and how many there are',
      answer: McpAccess,
    },
    async ({ stores, params }) => ({ body: await shown(stores.durable, params.organizationId) }),
  ),
  operation(
    {
      id: 'putMcpAccess',
      method: 'put',
      ...one,
      summary: 'Switch MCP access on or off',
      description:
        'Switched off, connections stay and are rejected from the next request on; switched on again, they work again unless they were removed too.',
      body: McpAccessInput,
      answer: McpAccess,
    },
    async ({ stores, actor, params: { organizationId }, body: { enabled, removeConnections } }) => {
      await switchMcpAccess(stores, actor, organizationId, enabled, { removeConnections });
      return { body: await shown(stores.durable, organizationId) };
    },
  ),
];
