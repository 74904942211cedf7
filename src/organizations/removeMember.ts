/** Removing a member, and with the membership that member's connections and open invitations in the organization. */
import { invitationsEnd } from '../accounts/invitations/inviterAuthority.js';
import { audit } from '../audit.js';
import { countActiveConnections } from '../connections/activeConnections.js';
import type { Stored } from '../stores/collection.js';
import { type Change, type DurableStore, remove, unchanged } from '../stores/durable.js';
import type { Actor } from '../stores/records/auditEvent.js';
import { type Member, members } from '../stores/records/member.js';
import { retryOnConflict } from '../stores/retryOnConflict.js';
import type { Stores } from '../stores/stores.js';
import { manageableMember } from './manageableMember.js';
import { recordsEnd } from './removeConnections.js';
import { byMapping, roleDetails } from './roles.js';

/**
 * The changes that end a membership and with it its connections and invitations, for a commit of the caller, who has made sure that
 * somebody entitled wants it and that it is not the account owner's.
 * @param actor who ends it
 * @param member the membership as it was read
 * @param mappedRoles none, when claims of the upstream gave it and give nothing more
 * @returns how many active connections end, and the changes that do it and say so in the audit log
 */
export async function membershipEnd(
  durable: DurableStore,
  actor: Actor,
  member: Stored<Member>,
  mappedRoles?: readonly [],
): Promise<{ connections: number; changes: Change[] }> {
  const { organizationId, accountId } = member;
  const ended = await countActiveConnections(durable, { organizationId, accountId });
  const details = { ...roleDetails(member.roles), connections: ended, ...byMapping(mappedRoles) };
  return {
    connections: ended,
    changes: [
      unchanged(members, member),
      remove(members, member.id),
      ...(await recordsEnd(durable, { organizationId, accountId })),
      ...(await invitationsEnd(durable, actor, member)),
      audit(actor, { action: 'member.removed', organizationId, accountId, details }),
    ],
  };
}

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
    const { connections: ended, changes } = await membershipEnd(durable, actor, member);
    await durable.commit([...authority.map((one) => unchanged(members, one)), ...changes]);
    return { connections: ended };
  });
}
