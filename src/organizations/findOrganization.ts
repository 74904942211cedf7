/** Finding organizations and memberships by what people and programs know of them. */
import type { Stored } from '../stores/collection.js';
import type { DurableStore } from '../stores/durable.js';
import { type Member, memberId, members } from '../stores/records/member.js';
import { type Organization, organizations } from '../stores/records/organization.js';
import { DirectoryError } from './directoryError.js';

/**
 * The organization with this id.
 * @throws DirectoryError `not-found` when there is none
 */
export async function existingOrganization(durable: DurableStore, id: string): Promise<Stored<Organization>> {
  const organization = await durable.get(organizations, id);
  if (organization) return organization;
  throw new DirectoryError('not-found', `There is no organization ${id}.`);
}

/**
 * The organization that an operator means.
 * @param idOrName an id, else a name that only one organization has
 * @throws DirectoryError `not-found` when there is none, `invalid` with the ids when several have the name
 */
export async function organizationByIdOrName(durable: DurableStore, idOrName: string): Promise<Stored<Organization>> {
  const byId = await durable.get(organizations, idOrName);
  if (byId) return byId;
  const [organization, ...others] = await durable.list(organizations, 'byName', [idOrName.trim()]);
  if (!organization)
    throw new DirectoryError('not-found', `There is no organization with the id or name "${idOrName}".`);
  if (others.length === 0) return organization;
  const ids = [organization, ...others].map(({ id }) => id).join(', ');
  throw new DirectoryError('invalid', `Several organizations are called "${idOrName}"; name one by its id: ${ids}.`);
}

/** An account's membership of an organization; undefined when it is no member. */
export function memberOf(
  durable: DurableStore,
  organizationId: string,
  accountId: string,
): Promise<Stored<Member> | undefined> {
  return durable.get(members, memberId(organizationId, accountId));
}
