/** Roles that somebody wants to give have to be possible together. */
import type { RoleAssignment } from '../stores/records/role.js';
import { DirectoryError } from './directoryError.js';
import { roleProblem } from './roleProblem.js';

/**
 * Demands that one member can have exactly these roles.
 * @param roles the complete list
 * @throws DirectoryError `conflict`, naming both roles, when two exclude each other; `invalid` when one is malformed
 */
export function demandRoles(roles: readonly RoleAssignment[]): void {
  const problem = roleProblem(roles);
  if (problem) throw new DirectoryError(problem.code, problem.message);
}
