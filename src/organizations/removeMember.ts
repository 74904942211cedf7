/** Removing a member, and with the membership that member's connections in the organization. */
import { audit } from '../audit.js';
import { remove, removeAll, unchanged } from '../stores/durable.js';
import type { Actor } from '../stores/records/auditEvent.js';
import { connections } from '../stores/records/connection.js';
import { members } from '../stores/records/member.js';
import { retryOnConflict } from '../stores/retryOnConflict.js';
import type { Stores } from '../stores/stores.js';
import { manageableMember } from './manageableMember.js';
import { roleDetails } from './roles.js';

/**
 * Removes a member; joining again later revives none of the connections.
 * @param stores where the directory is
 * @param actor the operator, or the owner or an admin of the organization
 * @param organizationId where
 * @param accountId whose membership
 * @returns how many active connections ended
 * @throws DirectoryError `not-found`, or `forbidden` for the account owner and for an actor who may not
 */
export async function removeMember(
  stores: Stores,
  actor: Actor,
  organizationId: string,
  accountId: string,
): Promise<{ connections: number }> {
  const { durable } = stores;
  return retryOnConflict(async () => {
    const { member, authority } = await manageableMember(durable, actor, organizationId, accountId);
    const ended = await durable.count(connections, 'byMember', [organizationId, accountId, 'active']);
    await durable.commit([
      ...authority.map((one) => unchanged(members, one)),
      unchanged(members, member),
      remove(members, member.id),
      removeAll(connections, 'byMember', [organizationId, accountId]),
      audit(actor, {
        action: 'member.removed',
        organizationId,
        accountId,
        details: { ...roleDetails(member.roles), connections: ended },
      }),
    ]);
    return { connections: ended };
  });
}
