/** What is stored when an organization comes to be: the organization and its owner's membership. */
import { newId } from '../ids.js';
import { type Change, insert } from '../stores/durable.js';
import { memberId, members } from '../stores/records/member.js';
import { type Organization, organizations } from '../stores/records/organization.js';
import { nothingLeftOf } from './finishRemovals.js';

export interface NewOrganization {
  /** Given when an exported organization comes back; otherwise a new one is made. */
  readonly id?: string | undefined;
  readonly name: string;
  readonly ownerId: string;
  readonly personal: boolean;
  readonly mcpAccess: boolean;
  /** Who moved the switch of an exported organization last (account id; undefined: the operator), and when. */
  readonly mcpAccessMoved?: { readonly by: string | undefined; readonly at: number } | undefined;
  /** When an exported organization was made (milliseconds, UTC). */
  readonly createdAt?: number | undefined;
}

/**
 * Decides the records of a new organization.
 * @param fields its validated fields
 * @returns the organization, and the changes that insert it together with its owner's membership; under a given id they
 *   conflict while anything is left of what had it before
 */
export function newOrganization({ id, mcpAccessMoved: moved, createdAt = Date.now(), ...fields }: NewOrganization): {
  organization: Organization;
  changes: Change[];
} {
  const organization: Organization = {
    ...fields,
    id: id ?? newId('org'),
    ...(moved && { mcpAccessChangedAt: moved.at }),
    ...(moved?.by !== undefined && { mcpAccessChangedBy: moved.by }),
    createdAt,
  };
  const owner = {
    id: memberId(organization.id, fields.ownerId),
    organizationId: organization.id,
    accountId: fields.ownerId,
    roles: [{ role: 'account-owner' as const }],
    createdAt,
  };
  const left = id === undefined ? [] : nothingLeftOf({ organizationId: id });
  return { organization, changes: [...left, insert(organizations, organization), insert(members, owner)] };
}
