/** Removing an organization, and with it its members and connections; their tokens die with the connections. */
import { audit } from '../audit.js';
import { countActiveConnections } from '../connections/activeConnections.js';
import { type Change, type DurableStore, remove, removeAll, unchanged } from '../stores/durable.js';
import type { Actor } from '../stores/records/auditEvent.js';
import { connections } from '../stores/records/connection.js';
import { invitations } from '../stores/records/invitation.js';
import { members } from '../stores/records/member.js';
import { type Organization, organizations } from '../stores/records/organization.js';
import { retryOnConflict } from '../stores/retryOnConflict.js';
import type { Stores } from '../stores/stores.js';
import { demandAdministrator } from './demandAdministrator.js';
import { DirectoryError } from './directoryError.js';
import { existingOrganization } from './findOrganization.js';
import { FEW, removalsDropped } from './finishRemovals.js';
import { goneNoted } from './removeConnections.js';

/**
 * What a commit changes that removes an organization. With many connections, members or invitations its record goes alone,
 * which rejects them all, and `finishRemovals` takes them away; its id can be used again after that.
 * @param organizationId the organization, which the commit has to find unchanged since before this call
 */
export async function organizationRemoval(durable: DurableStore, organizationId: string): Promise<Change[]> {
  const key = [organizationId];
  const counts = await Promise.all([
    durable.count(connections, 'byOrganization', key, { limit: FEW + 1 }),
    durable.count(invitations, 'byOrganization', key, { limit: FEW + 1 }),
    durable.count(members, 'byOrganization', key, { limit: FEW + 1 }),
  ]);
  const dropped = await removalsDropped(durable, { organizationId });
  if (counts.some((count) => count > FEW))
    return [...dropped, remove(organizations, organizationId), goneNoted({ organizationId })];
  return [
    ...dropped,
    removeAll(connections, 'byOrganization', key),
    removeAll(invitations, 'byOrganization', key),
    removeAll(members, 'byOrganization', key),
    remove(organizations, organizationId),
  ];
}

/**
 * Removes an organization that is nobody's personal one.
 * @param stores where the directory is
 * @param actor the operator, or the owner or an admin of the organization
 * @param organizationId which
 * @returns the removed organization, and how many members and active connections it had
 * @throws DirectoryError `not-found`, or `forbidden` for a personal organization and for others than admins
 */
export async function removeOrganization(
  stores: Stores,
  actor: Actor,
  organizationId: string,
): Promise<{ organization: Organization; members: number; connections: number }> {
  const { durable } = stores;
  return retryOnConflict(async () => {
    const authority = await demandAdministrator(durable, actor, organizationId);
    const organization = await existingOrganization(durable, organizationId);
    if (organization.personal)
      throw new DirectoryError(
        'forbidden',
        'A personal organization stays as long as its account; remove the account.',
      );
    const removed = {
      members: await durable.count(members, 'byOrganization', [organizationId]),
      connections: await countActiveConnections(durable, { organizationId }),
    };
    await durable.commit([
      ...authority.map((member) => unchanged(members, member)),
      unchanged(organizations, organization),
      ...(await organizationRemoval(durable, organizationId)),
      audit(actor, {
        action: 'organization.removed',
        organizationId,
        details: { name: organization.name, ...removed },
      }),
    ]);
    return { organization, ...removed };
  });
}
