/** What claims make of somebody's roles in one organization; roles that an admin gave stay as they are. */
import { hasPlainIds, roleProblem, sameAssignment } from '../../organizations/roleProblem.js';
import { describeRole } from '../../organizations/roles.js';
import type { Member } from '../../stores/records/member.js';
import type { RoleAssignment } from '../../stores/records/role.js';
import type { Claims } from './identity.js';
import { type MappingRule, roleOfRule } from './settings.js';

type Roles = readonly RoleAssignment[];
type Held = Pick<Member, 'roles' | 'mappedRoles'>;

export interface MappedRoles {
  /** All roles that the person has from now on; none: no membership. */
  readonly roles: Roles;
  /** Those of them that the claims give. */
  readonly mappedRoles: Roles;
  /** Roles that claims would give and that do not go with the others, in words. */
  readonly leftOut: readonly string[];
}

const includes = (roles: Roles, role: RoleAssignment): boolean => roles.some((one) => sameAssignment(one, role));

/**
 * Decides the roles. Of roles that exclude each other an admin's count first, then those of earlier rules.
 * @param held what the person has now; undefined for somebody who is no member
 * @param rules the rules of this organization, in the operator's order
 * @param claims what the upstream says of the person
 */
export function mappedRoles(held: Held | undefined, rules: readonly MappingRule[], claims: Claims): MappedRoles {
  const mappedBefore = held?.mappedRoles ?? [];
  const roles = (held?.roles ?? []).filter((role) => !includes(mappedBefore, role));
  const mapped: RoleAssignment[] = [];
  const leftOut: string[] = [];
  for (const rule of rules) {
    const role = roleOfRule(rule);
    const given = verdict(rule, claims) ?? includes(mappedBefore, role);
    if (!given || includes(roles, role)) continue;
    if (roleProblem([...roles.filter(hasPlainIds), role])) leftOut.push(describeRole(role));
    else {
      roles.push(role);
      mapped.push(role);
    }
  }
  return { roles, mappedRoles: mapped, leftOut };
}

/**
 * Whether a claim has the value.
 * @returns undefined when the upstream only says that the claim is to be had elsewhere (Core §5.6.2), as some do of
 *   somebody with very many groups: then nothing is known of it
 */
function verdict({ claim, value }: MappingRule, claims: Claims): boolean | undefined {
  const said = Object.hasOwn(claims, claim) ? claims[claim] : undefined;
  if (said !== undefined) return Array.isArray(said) ? said.includes(value) : said === value;
  const elsewhere: unknown = claims._claim_names;
  const referred = typeof elsewhere === 'object' && elsewhere !== null && Object.hasOwn(elsewhere, claim);
  return referred ? undefined : false;
}
