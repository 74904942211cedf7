/** Removing an organization, and with it its members and connections; their tokens die with the connections. */
import { audit } from '../audit.js';
import { countActiveConnections } from '../connections/activeConnections.js';
import { type Change, remove, removeAll, unchanged } from '../stores/durable.js';
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

/**
 * What leaves the store when an organization is removed.
 * @param organizationId the organization
 */
export const organizationRemoval = (organizationId: string): Change[] => [
  removeAll(connections, 'byOrganization', [organizationId]),
  removeAll(invitations, 'byOrganization', [organizationId]),
  removeAll(members, 'byOrganization', [organizationId]),
  remove(organizations, organizationId),
];

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
      ...organizationRemoval(organizationId),
      audit(actor, {
        action: 'organization.removed',
        organizationId,
        details: { name: organization.name, ...removed },
      }),
    ]);
    return { organization, ...removed };
  });
}
