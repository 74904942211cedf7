/** The operator gives roles to people, and so not without saying so to an account of an unverified address. */

import type { DurableStore } from '../stores/durable.js';
import { type Account, accounts } from '../stores/records/account.js';
import type { Actor } from '../stores/records/auditEvent.js';
import type { RoleAssignment } from '../stores/records/role.js';
import { DirectoryError } from './directoryError.js';
import { sameAssignment } from './roleProblem.js';

/**
 * What is said of an account that would get a role.
 * @param remedy what to do, in a sentence
 */
export const unverifiedProblem = (
  { id, email }: Pick<Account, 'id' | 'email'>,
  remedy = 'Set "emailVerified": true on the account, which ends everything a former holder has, or give the role anyway with "acceptUnverified": true (--accept-unverified at the command line).',
): string =>
  `The address ${email} of the account ${id} is unverified: its holder may be another person, who would get the role. ${remedy}`;

/** Whether roles are among those that the account has already, so that nothing is given. */
export const givesNothing = (roles: readonly RoleAssignment[], before: readonly RoleAssignment[]): boolean =>
  roles.every((role) => before.some((one) => sameAssignment(one, role)));

/**
 * Demands that an operator's roles go to an account with a verified address. What admins of an organization give, people
 * accept themselves.
 * @param before the roles that the account has there already
 * @throws DirectoryError `conflict`, naming the account
 */
export async function demandVerified(
  durable: DurableStore,
  actor: Actor,
  { accountId, roles, acceptUnverified = false }: RolesGiven,
  before: readonly RoleAssignment[] = [],
): Promise<void> {
  if (actor.kind !== 'operator' || acceptUnverified || givesNothing(roles, before)) return;
  const account = await durable.get(accounts, accountId);
  if (account && !account.emailVerified) throw new DirectoryError('conflict', unverifiedProblem(account));
}

export interface RolesGiven {
  readonly accountId: string;
  readonly roles: readonly RoleAssignment[];
  /** Whether the operator gives them knowing that the account's address is unverified. */
  readonly acceptUnverified?: boolean | undefined;
}
