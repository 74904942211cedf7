/** What is stored when an organization comes to be: the organization and its owner's membership. */
import { newId } from '../ids.js';
import { type Change, insert } from '../stores/durable.js';
import { memberId, members } from '../stores/records/member.js';
import { type Organization, organizations } from '../stores/records/organization.js';

export interface NewOrganization {
  /** Given when an exported organization comes back; otherwise a new one is made. */
  readonly id?: string | undefined;
  readonly name: string;
  readonly ownerId: string;
  readonly personal: boolean;
  readonly mcpAccess: boolean;
}

/**
 * Decides the records of a new organization.
 * @param fields its validated fields
 * @returns the organization, and the changes that insert it together with its owner's membership
 */
export function newOrganization(fields: NewOrganization): { organization: Organization; changes: Change[] } {
  const createdAt = Date.now();
  const organization: Organization = { ...fields, id: fields.id ?? newId('org'), createdAt };
  const owner = {
    id: memberId(organization.id, fields.ownerId),
    organizationId: organization.id,
    accountId: fields.ownerId,
    roles: [{ role: 'account-owner' as const }],
    createdAt,
  };
  return { organization, changes: [insert(organizations, organization), insert(members, owner)] };
}
