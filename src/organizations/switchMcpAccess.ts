/** Moving the switch "Allow MCP connections for all clients". */
import { audit } from '../audit.js';
import { countActiveConnections, pendingConnections } from '../connections/activeConnections.js';
import { endedAmong } from '../connections/endedConnections.js';
import { type DurableStore, replace, unchanged } from '../stores/durable.js';
import type { Actor } from '../stores/records/auditEvent.js';
import { members } from '../stores/records/member.js';
import { type Organization, organizations } from '../stores/records/organization.js';
import { retryOnConflict } from '../stores/retryOnConflict.js';
import type { Stores } from '../stores/stores.js';
import { inSteps } from '../turns.js';
import { demandAdministrator } from './demandAdministrator.js';
import { existingOrganization } from './findOrganization.js';
import { mcpAccessAction, withMcpAccess } from './mcpAccess.js';
import { endedIn } from './removeConnections.js';

/** Beyond so many, connections are not counted any further, nor are the members looked at one by one. */
const COUNTED = { connections: 10_000, members: 1_000 };

/** How many active connections, of how many members, the switch rejects or lets work again. */
export interface AffectedConnections {
  readonly connections: number;
  /** Whether there are more connections than that. */
  readonly more?: true;
  /** Not there when the organization is too large to say. */
  readonly members?: number;
}

/**
 * Counts what moving the switch would affect, for the confirmation.
 * @param durable the durable store
 * @param organizationId which organization
 */
export async function affectedByMcpAccess(durable: DurableStore, organizationId: string): Promise<AffectedConnections> {
  const [pending, memberships] = await Promise.all([
    pendingConnections(durable, { organizationId }),
    durable.list(members, 'byOrganization', [organizationId], { limit: COUNTED.members + 1 }),
  ]);
  const counting = { most: COUNTED.connections + 1, pending: pending.length };
  const found = await countActiveConnections(durable, { organizationId }, counting);
  if (found > COUNTED.connections) return { connections: COUNTED.connections, more: true };
  if (memberships.length > COUNTED.members) return { connections: found };
  // Counted and not read. Whoever is no member has none.
  const waiting = new Map<string, number>();
  for (const { accountId } of pending) waiting.set(accountId, (waiting.get(accountId) ?? 0) + 1);
  const noneEnded = (await endedAmong(durable)) === undefined;
  const counts = await inSteps(memberships, ({ accountId }) => {
    const options = { most: 1, pending: waiting.get(accountId) ?? 0, noneEnded };
    return countActiveConnections(durable, { organizationId, accountId }, options);
  });
  return { connections: found, members: counts.filter(Boolean).length };
}

export interface McpAccessSwitched {
  readonly organization: Organization;
  /** False when the switch stood there already; who and when then stay as they were. */
  readonly changed: boolean;
  readonly connectionsRemoved: boolean;
}

/**
 * Switches MCP access on or off. The organization's record alone changes, however many connections there are, so they
 * work again when it is switched on again, unless their removal is asked for.
 * @param stores where the directory is
 * @param actor the operator, or the owner or an admin of the organization
 * @param organizationId which organization
 * @param on where the switch goes
 * @param options `removeConnections`: also removes all connections of the organization, in the same commit
 * @throws DirectoryError `not-found`, or `forbidden` for an actor who may not
 */
export async function switchMcpAccess(
  stores: Stores,
  actor: Actor,
  organizationId: string,
  on: boolean,
  { removeConnections = false }: { removeConnections?: boolean } = {},
): Promise<McpAccessSwitched> {
  const { durable } = stores;
  return retryOnConflict(async () => {
    const authority = await demandAdministrator(durable, actor, organizationId);
    const stored = await existingOrganization(durable, organizationId);
    const affected = removeConnections ? await affectedByMcpAccess(durable, organizationId) : {};
    const changed = stored.mcpAccess !== on;
    const ending = removeConnections ? await endedIn(durable, stored, { organizationId }) : undefined;
    const next = ending?.organization ?? stored;
    const organization = changed ? withMcpAccess(next, on, actor) : next;
    if (changed || removeConnections)
      await durable.commit([
        ...authority.map((member) => unchanged(members, member)),
        replace(organizations, organization),
        ...(ending?.changes ?? []),
        audit(actor, {
          action: changed ? mcpAccessAction(on) : 'connection.removed',
          organizationId,
          details: { ...affected, connectionsRemoved: removeConnections },
        }),
      ]);
    return { organization, changed, connectionsRemoved: removeConnections };
  });
}
