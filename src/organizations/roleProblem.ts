/** Which roles one member can have together, and whether an assignment is complete. */
import { isPlain, NOT_PLAIN } from '../plainText.js';
import { MOST_ROLES, type RoleAssignment, type RoleId } from '../stores/records/role.js';
import { describeRole, type RoleScope, roleOf } from './roles.js';

export interface RoleProblem {
  readonly code: 'invalid' | 'conflict';
  readonly message: string;
  /** The place of the assignment that is at fault, from 0; of two that exclude each other the later one. */
  readonly index: number;
}

/** Pairs that exclude each other within the same organization, app or keyset; Account Admin excludes all others anyway. */
const exclusions: readonly (readonly [RoleId, RoleId, RoleScope])[] = [
  ['app-admin', 'app-viewer', 'app'],
  ['app-admin', 'key-admin', 'app'],
  ['app-admin', 'key-viewer', 'app'],
  ['app-viewer', 'key-admin', 'app'],
  ['app-viewer', 'key-viewer', 'app'],
  ['key-admin', 'key-viewer', 'keyset'],
  ['functions-developer', 'functions-viewer', 'organization'],
];

function excludeEachOther(one: RoleAssignment, other: RoleAssignment): boolean {
  if (one.role === other.role) return false;
  if (one.role === 'account-admin' || other.role === 'account-admin') return true;
  const exclusion = exclusions.find(([a, b]) => [a, b].includes(one.role) && [a, b].includes(other.role));
  if (exclusion === undefined) return false;
  const within = exclusion[2];
  if (within === 'organization') return true;
  return one.app === other.app && (within === 'app' || one.keyset === other.keyset);
}

/**
 * The first two roles of a list that one member cannot have together.
 * @param assignments well-formed roles of one member in one organization
 * @returns the problem, with a message that names both, or undefined when all go together
 */
export function roleConflict(assignments: readonly RoleAssignment[]): RoleProblem | undefined {
  for (const [index, later] of assignments.entries()) {
    const earlier = assignments.slice(0, index).find((one) => excludeEachOther(one, later));
    if (earlier === undefined) continue;
    const message = `${describeRole(earlier)} and ${describeRole(later)} exclude each other; leave one of them out.`;
    return { code: 'conflict', message, index };
  }
  return undefined;
}

/** Whether the ids of app and keyset are text as it may come in; stored ones may be older than that rule. */
export const hasPlainIds = ({ app = '', keyset = '' }: RoleAssignment): boolean => isPlain(app) && isPlain(keyset);

function malformed(assignment: RoleAssignment): string | undefined {
  const { label, scope } = roleOf(assignment.role);
  if (!hasPlainIds(assignment)) return `Name the app and keyset of ${label} without ${NOT_PLAIN}.`;
  if (assignment.role === 'account-owner')
    return `${label} cannot be assigned; it belongs to whoever created the organization.`;
  if (scope === 'organization' && (assignment.app !== undefined || assignment.keyset !== undefined))
    return `${label} applies to the whole organization; leave app and keyset out.`;
  if (scope === 'app' && (assignment.app === undefined || assignment.keyset !== undefined))
    return `${label} applies to one app; name the app and no keyset.`;
  if (scope === 'keyset' && (assignment.app === undefined || assignment.keyset === undefined))
    return `${label} applies to one keyset; name the keyset and its app.`;
  return undefined;
}

/** Whether two assignments give the same role in the same place. */
export const sameAssignment = (one: RoleAssignment, other: RoleAssignment): boolean =>
  one.role === other.role && one.app === other.app && one.keyset === other.keyset;

/**
 * What is wrong with the roles that somebody wants to give a member.
 * @param assignments the complete list for one member in one organization
 * @returns the first problem, or undefined when the member can have exactly these
 */
export function roleProblem(assignments: readonly RoleAssignment[]): RoleProblem | undefined {
  if (assignments.length === 0) return { code: 'invalid', message: 'A member needs at least one role.', index: 0 };
  if (assignments.length > MOST_ROLES)
    return { code: 'invalid', message: `A member can have at most ${MOST_ROLES} roles.`, index: MOST_ROLES };
  for (const [index, assignment] of assignments.entries()) {
    const message = malformed(assignment);
    if (message !== undefined) return { code: 'invalid', message, index };
    if (assignments.slice(0, index).some((one) => sameAssignment(one, assignment)))
      return { code: 'invalid', message: `${describeRole(assignment)} is listed twice; leave one out.`, index };
  }
  return roleConflict(assignments);
}

/**
 * Whether two lists give the same roles, whatever their order.
 * @param some the roles of one list
 * @param others the roles of the other
 */
export function sameRoles(some: readonly RoleAssignment[], others: readonly RoleAssignment[]): boolean {
  return some.length === others.length && some.every((one) => others.some((other) => sameAssignment(one, other)));
}
