/** Who may administer an organization, as a condition of the commit that does it. */
import type { Stored } from '../stores/collection.js';
import type { DurableStore } from '../stores/durable.js';
import type { Actor } from '../stores/records/auditEvent.js';
import type { Member } from '../stores/records/member.js';
import { DirectoryError } from './directoryError.js';
import { memberOf } from './findOrganization.js';
import { mayAdminister } from './roles.js';

/**
 * Demands that the actor is the operator, or the account owner or an account admin of the organization.
 * @param durable the durable store
 * @param actor who wants to change something
 * @param organizationId where
 * @returns the memberships that the authority rests on (none for the operator); commit them `unchanged` with the change
 * @throws DirectoryError `not-found` for somebody who is no member and must not learn what there is, `forbidden` for a
 *   member without these roles and for clients
 */
export async function demandAdministrator(
  durable: DurableStore,
  actor: Actor,
  organizationId: string,
): Promise<Stored<Member>[]> {
  if (actor.kind === 'operator') return [];
  if (actor.kind === 'client') throw new DirectoryError('forbidden', 'A client cannot administer organizations.');
  const member = await memberOf(durable, organizationId, actor.accountId);
  if (!member) throw new DirectoryError('not-found', `There is no organization ${organizationId}.`);
  if (mayAdminister(member)) return [member];
  throw new DirectoryError('forbidden', 'Only the account owner and account admins may do this; ask one of them.');
}
