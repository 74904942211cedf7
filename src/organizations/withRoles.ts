/** A membership with other roles. */
import type { Member } from '../stores/records/member.js';
import type { RoleAssignment } from '../stores/records/role.js';
import { sameAssignment } from './roleProblem.js';

/**
 * Gives a membership its complete list of roles.
 * @param roles all roles from now on
 * @param mappedRoles those of them that claims of the upstream give; without it, the mapping's roles of before that are
 *   still there: one that somebody took away and gives again later is no longer the mapping's
 */
export function withRoles<M extends Member>(
  member: M,
  roles: readonly RoleAssignment[],
  mappedRoles: readonly RoleAssignment[] = member.mappedRoles ?? [],
): M {
  const { mappedRoles: _, ...rest } = member;
  const kept = mappedRoles.filter((mapped) => roles.some((role) => sameAssignment(role, mapped)));
  return { ...rest, roles: [...roles], ...(kept.length > 0 && { mappedRoles: kept }) } as M;
}
