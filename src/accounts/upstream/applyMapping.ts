/** Brings somebody's memberships to what the claims of the upstream say, as the operator's mapping reads them. */
import { admission } from '../../organizations/addMember.js';
import { rolesChange } from '../../organizations/changeRoles.js';
import { DirectoryError } from '../../organizations/directoryError.js';
import { memberOf } from '../../organizations/findOrganization.js';
import { membershipEnd } from '../../organizations/removeMember.js';
import type { Change } from '../../stores/durable.js';
import type { Actor } from '../../stores/records/auditEvent.js';
import { members } from '../../stores/records/member.js';
import { organizations } from '../../stores/records/organization.js';
import { retryOnConflict } from '../../stores/retryOnConflict.js';
import type { Stores } from '../../stores/stores.js';
import type { Claims } from './identity.js';
import { type MappedRoles, mappedRoles } from './mappedRoles.js';
import type { MappingRule } from './settings.js';

/** The mapping is the operator's word, whoever signs in. */
const OPERATOR: Actor = { kind: 'operator' };

/**
 * Applies the mapping. Whoever loses a membership by it loses the connections there in the same commit.
 * @param stores where the directory is
 * @param accountId who signs in
 * @param mapping the operator's rules; an organization of which there is none any more counts as one whose claims are lost
 * @param claims what the upstream says of the person
 * @returns what could not be done, in words for the operator: organizations that are gone or personal, roles left out
 */
export async function applyMapping(
  stores: Stores,
  accountId: string,
  mapping: readonly MappingRule[],
  claims: Claims,
): Promise<string[]> {
  const memberships = await stores.durable.list(members, 'byAccount', [accountId]);
  const mapped = memberships.filter((member) => member.mappedRoles !== undefined);
  const concerned = new Set([...mapping, ...mapped].map(({ organizationId }) => organizationId));
  const problems: string[] = [];
  for (const organizationId of concerned) {
    const rules = mapping.filter((rule) => rule.organizationId === organizationId);
    const found = await applyTo(stores, accountId, organizationId, (held) => mappedRoles(held, rules, claims));
    problems.push(...found.map((problem) => `${organizationId}: ${problem}`));
  }
  return problems;
}

type Decide = (held: Parameters<typeof mappedRoles>[0]) => MappedRoles;

async function applyTo(stores: Stores, accountId: string, organizationId: string, decide: Decide): Promise<string[]> {
  try {
    return await retryOnConflict(async () => {
      const organization = await stores.durable.get(organizations, organizationId);
      if (organization?.ownerId === accountId) return [];
      const { changes, leftOut } = await decided(stores, accountId, organizationId, decide);
      if (changes.length > 0) await stores.durable.commit(changes);
      return leftOut.map((role) => `${role} is left out, it does not go with other roles of ${accountId}`);
    });
  } catch (error) {
    if (error instanceof DirectoryError) return [error.message];
    throw error;
  }
}

async function decided(
  { durable }: Stores,
  accountId: string,
  organizationId: string,
  decide: Decide,
): Promise<{ changes: Change[]; leftOut: readonly string[] }> {
  const member = await memberOf(durable, organizationId, accountId);
  const next = decide(member);
  const { roles, leftOut } = next;
  if (!member) {
    if (roles.length === 0) return { changes: [], leftOut };
    // The identity that signed in shows who it is, whatever became of the account's address since it was linked.
    const { changes } = await admission(durable, OPERATOR, {
      ...next,
      organizationId,
      accountId,
      acceptUnverified: true,
    });
    return { changes, leftOut };
  }
  if (roles.length === 0) return { ...(await membershipEnd(durable, OPERATOR, member, [])), leftOut };
  const { changes } = await rolesChange(durable, OPERATOR, member, roles, next.mappedRoles);
  return { changes, leftOut };
}
