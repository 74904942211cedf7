/** The MCP access policy: may this account use MCP in this organization now? Nothing else decides it; do not cache it. */
import type { Stored } from '../stores/collection.js';
import type { DurableStore } from '../stores/durable.js';
import { type Member, memberId, members } from '../stores/records/member.js';
import { type Organization, organizations } from '../stores/records/organization.js';
import { inSteps } from '../turns.js';
import { inMenuOrder } from './menuOrder.js';

export type McpRefusal = 'organization-gone' | 'not-a-member' | 'mcp-access-off';

export type McpDecision<O = Stored<Organization>, M = Stored<Member>> =
  | { readonly allowed: true; readonly organization: O; readonly member: M }
  | { readonly allowed: false; readonly reason: McpRefusal };

/**
 * Decides from what is stored: the organization exists, the account is its member, and its MCP access is on.
 * @param organization the organization as read now, or undefined when there is none
 * @param member the account's membership there as read now, or undefined when there is none
 * @returns allowed, with both records, or the first reason against it
 */
export function mcpDecision<O extends Organization, M extends Member>(
  organization: O | undefined,
  member: M | undefined,
): McpDecision<O, M> {
  if (organization === undefined) return { allowed: false, reason: 'organization-gone' };
  if (member === undefined || member.organizationId !== organization.id)
    return { allowed: false, reason: 'not-a-member' };
  if (!organization.mcpAccess) return { allowed: false, reason: 'mcp-access-off' };
  return { allowed: true, organization, member };
}

/**
 * Reads both records and decides. Whoever writes on the strength of the answer adds `unchanged` of both records to the
 * commit, so that a removal or a switch in between is not overtaken.
 * @param durable the durable store
 * @param accountId whose access is asked for
 * @param organizationId where
 * @throws StoreUnavailableError when the store cannot answer
 */
export async function mayUseMcp(
  durable: DurableStore,
  accountId: string,
  organizationId: string,
): Promise<McpDecision> {
  const [organization, member] = await durable.getEach(
    [organizations, organizationId],
    [members, memberId(organizationId, accountId)],
  );
  return mcpDecision(organization, member);
}

/**
 * The organizations that the consent page offers an account.
 * @param durable the durable store
 * @param accountId who is asked for consent
 * @returns those where MCP may be used now, the personal one first, then by name
 * @throws StoreUnavailableError when the store cannot answer
 */
export async function organizationsForMcp(durable: DurableStore, accountId: string): Promise<Stored<Organization>[]> {
  const memberships = await durable.list(members, 'byAccount', [accountId]);
  const decisions = await inSteps(memberships, async (member) =>
    mcpDecision(await durable.get(organizations, member.organizationId), member),
  );
  return inMenuOrder(decisions.flatMap((decision) => (decision.allowed ? [decision.organization] : [])));
}
