/** What an organization looks like after somebody moved the switch "Allow MCP connections for all clients". */
import type { Actor, AuditAction } from '../stores/records/auditEvent.js';
import type { Organization } from '../stores/records/organization.js';

/**
 * The organization with its switch moved, and who moved it and when.
 * @param organization as it is stored
 * @param on where the switch goes
 * @param actor who moves it
 */
export function withMcpAccess<T extends Organization>(organization: T, on: boolean, actor: Actor): T {
  const { mcpAccessChangedBy: _, ...rest } = organization;
  return {
    ...rest,
    mcpAccess: on,
    mcpAccessChangedAt: Date.now(),
    ...(actor.kind === 'account' && { mcpAccessChangedBy: actor.accountId }),
  } as T;
}

/** The audit action of moving the switch there. */
export const mcpAccessAction = (on: boolean): AuditAction =>
  on ? 'organization.mcp-access-on' : 'organization.mcp-access-off';
