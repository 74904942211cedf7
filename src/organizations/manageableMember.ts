/** The members that somebody can manage: everybody but the account owner. */
import type { Stored } from '../stores/collection.js';
import type { DurableStore } from '../stores/durable.js';
import type { Actor } from '../stores/records/auditEvent.js';
import type { Member } from '../stores/records/member.js';
import type { Organization } from '../stores/records/organization.js';
import { demandAdministrator } from './demandAdministrator.js';
import { DirectoryError } from './directoryError.js';
import { existingOrganization, memberOf } from './findOrganization.js';

/**
 * Demands that a membership is not the account owner's, whether or not it exists.
 * @throws DirectoryError `forbidden`
 */
export function demandManageable({ ownerId }: Organization, accountId: string): void {
  if (ownerId === accountId)
    throw new DirectoryError(
      'forbidden',
      'The Account Owner is permanent: never removed, reassigned or given other roles.',
    );
}

/**
 * Demands a member that this actor may change or remove.
 * @param durable the durable store
 * @param actor who wants to
 * @param organizationId where
 * @param accountId whose membership
 * @returns the membership, and the other memberships that the actor's authority rests on; commit those `unchanged`
 * @throws DirectoryError `not-found` for organization or member, `forbidden` for the account owner and for an actor
 *   who may not
 */
export async function manageableMember(
  durable: DurableStore,
  actor: Actor,
  organizationId: string,
  accountId: string,
): Promise<{ member: Stored<Member>; authority: Stored<Member>[] }> {
  const authority = await demandAdministrator(durable, actor, organizationId);
  const organization = await existingOrganization(durable, organizationId);
  const member = await memberOf(durable, organizationId, accountId);
  if (!member) throw new DirectoryError('not-found', `This account is no member of "${organization.name}".`);
  demandManageable(organization, accountId);
  return { member, authority: authority.filter(({ id }) => id !== member.id) };
}
