/** The organizations that somebody is a member of. */
import type { Stored } from '../stores/collection.js';
import type { DurableStore } from '../stores/durable.js';
import { type Member, members } from '../stores/records/member.js';
import { type Organization, organizations } from '../stores/records/organization.js';
import { inSteps } from '../turns.js';
import { inMenuOrder } from './menuOrder.js';

export interface MemberOrganization extends Stored<Organization> {
  /** The account's membership there. */
  readonly member: Stored<Member>;
}

/**
 * Lists an account's organizations, whatever their MCP access.
 * @param durable the durable store
 * @param accountId whose
 * @returns the personal one first, then by name
 */
export async function organizationsOf(durable: DurableStore, accountId: string): Promise<MemberOrganization[]> {
  const memberships = await durable.list(members, 'byAccount', [accountId]);
  const found = await inSteps(memberships, async (member) => {
    const organization = await durable.get(organizations, member.organizationId);
    return organization ? [{ ...organization, member }] : [];
  });
  return inMenuOrder(found.flat());
}
