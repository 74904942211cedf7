/** A membership with exactly these roles: made when it is not there, else changed. */
import { type Change, type DurableStore, unchanged } from '../stores/durable.js';
import type { Actor } from '../stores/records/auditEvent.js';
import { type Member, members } from '../stores/records/member.js';
import { retryOnConflict } from '../stores/retryOnConflict.js';
import type { Stores } from '../stores/stores.js';
import { type Admission, admission } from './addMember.js';
import { rolesChange } from './changeRoles.js';
import { demandAdministrator } from './demandAdministrator.js';
import { demandRoles } from './demandRoles.js';
import { demandVerified } from './demandVerified.js';
import { existingOrganization, memberOf } from './findOrganization.js';
import { demandManageable } from './manageableMember.js';

/**
 * Makes somebody a member with these roles, or gives a member these in place of the present ones; the same again
 * changes nothing.
 * @param stores where the directory is
 * @param actor the operator, or the owner or an admin of the organization
 * @param request who, where, and the complete list of roles from now on
 * @returns the membership, and whether it is new
 * @throws DirectoryError `not-found` for organization or account, `conflict` for roles that exclude each other and
 *   for an operator's role to an unverified address, `invalid` for malformed ones, `forbidden` for the account owner's membership, for a personal organization and for
 *   an actor who may not
 */
export async function putMember(
  stores: Stores,
  actor: Actor,
  request: Admission,
): Promise<{ member: Member; created: boolean }> {
  const { durable } = stores;
  demandRoles(request.roles);
  return retryOnConflict(async () => {
    const authority = await demandAdministrator(durable, actor, request.organizationId);
    const { member, changes, created } = await decided(durable, actor, request);
    const others = authority.filter(({ id }) => id !== member.id);
    if (changes.length > 0) await durable.commit([...others.map((one) => unchanged(members, one)), ...changes]);
    return { member, created };
  });
}

async function decided(
  durable: DurableStore,
  actor: Actor,
  request: Admission,
): Promise<{ member: Member; changes: Change[]; created: boolean }> {
  const organization = await existingOrganization(durable, request.organizationId);
  demandManageable(organization, request.accountId);
  const before = await memberOf(durable, request.organizationId, request.accountId);
  if (!before) return { ...(await admission(durable, actor, request)), created: true };
  await demandVerified(durable, actor, request, before.roles);
  return { ...(await rolesChange(durable, actor, before, request.roles)), created: false };
}
