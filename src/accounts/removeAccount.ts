/** Removing an account with everything that exists only because of it. */
import { audit } from '../audit.js';
import { countActiveConnections } from '../connections/activeConnections.js';
import { DirectoryError } from '../organizations/directoryError.js';
import { FEW, removalsDropped } from '../organizations/finishRemovals.js';
import { goneNoted } from '../organizations/removeConnections.js';
import { membershipEnd } from '../organizations/removeMember.js';
import { organizationRemoval, removeOrganization } from '../organizations/removeOrganization.js';
import { roleDetails } from '../organizations/roles.js';
import type { Stored } from '../stores/collection.js';
import { type DurableStore, remove, removeAll, unchanged } from '../stores/durable.js';
import { type Account, accounts } from '../stores/records/account.js';
import type { Actor } from '../stores/records/auditEvent.js';
import { connections } from '../stores/records/connection.js';
import { members } from '../stores/records/member.js';
import { type Organization, organizations } from '../stores/records/organization.js';
import { retryOnConflict } from '../stores/retryOnConflict.js';
import type { Stores } from '../stores/stores.js';
import { inSteps } from '../turns.js';
import { existingAccount } from './findAccount.js';
import { invitationsEnd } from './invitations/inviterAuthority.js';

/** What the account owns; an account that owns an organization with other members cannot be deleted. */
async function removableOrganizations(durable: DurableStore, account: Account): Promise<Stored<Organization>[]> {
  const owned = await durable.list(organizations, 'byOwner', [account.id]);
  const sizes = await inSteps(owned, ({ id }) => durable.count(members, 'byOrganization', [id], { limit: 2 }));
  const shared = owned.filter((_, index) => (sizes[index] ?? 0) > 1).map(({ name }) => `"${name}"`);
  if (shared.length === 0) return owned;
  const message = `${account.email} owns ${shared.join(', ')} with other members; remove those members or the organization first.`;
  throw new DirectoryError('conflict', message);
}

/**
 * Ends memberships and removes owned organizations, each by a commit of its own, until one commit can hold those that are
 * left: an account of thousands of them is removed step by step.
 * @throws DirectoryError as `removeAccount`, before anything is changed
 */
async function leaveMost(stores: Stores, actor: Actor, accountId: string): Promise<void> {
  const { durable } = stores;
  const memberships = await durable.list(members, 'byAccount', [accountId]);
  if (memberships.length <= FEW) return;
  const owned = await removableOrganizations(durable, await existingAccount(durable, accountId));
  const owns = new Map(owned.map((organization) => [organization.id, organization]));
  for (const { organizationId, id } of memberships.slice(FEW)) {
    const own = owns.get(organizationId);
    if (own) {
      if (!own.personal) await removeOrganization(stores, actor, organizationId);
      continue;
    }
    await retryOnConflict(async () => {
      const member = await durable.get(members, id);
      if (member) await durable.commit((await membershipEnd(durable, actor, member)).changes);
    });
  }
}

/**
 * Removes an account: its memberships, its connections, its open invitations, and the organizations that it owns, the
 * personal one included.
 * @param stores where the directory is
 * @param actor who removes it; the caller has made sure that this is the person or an operator
 * @param accountId which account
 * @returns the removed account, its removed organizations and how many active connections ended
 * @throws DirectoryError `not-found`, or `conflict` when it owns an organization with other members
 */
export async function removeAccount(
  stores: Stores,
  actor: Actor,
  accountId: string,
): Promise<{ account: Account; organizations: Organization[]; connections: number }> {
  const { durable } = stores;
  await leaveMost(stores, actor, accountId);
  return retryOnConflict(async () => {
    const account = await existingAccount(durable, accountId);
    const owned = await removableOrganizations(durable, account);
    const joined = (await durable.list(members, 'byAccount', [accountId])).filter(
      ({ organizationId }) => !owned.some(({ id }) => id === organizationId),
    );
    const ended = await countActiveConnections(durable, { accountId });
    const many = (await durable.count(connections, 'byAccount', [accountId], { limit: FEW + 1 })) > FEW;
    const withdrawn = await Promise.all(joined.map((member) => invitationsEnd(durable, actor, member)));
    await durable.commit([
      unchanged(accounts, account),
      ...owned.map((organization) => unchanged(organizations, organization)),
      ...(await inSteps(owned, ({ id }) => organizationRemoval(durable, id))).flat(),
      // A membership that has changed since may have sent an invitation.
      ...joined.map((member) => unchanged(members, member)),
      ...withdrawn.flat(),
      ...(await removalsDropped(durable, { accountId })),
      ...(many ? [goneNoted({ accountId })] : [removeAll(connections, 'byAccount', [accountId])]),
      removeAll(members, 'byAccount', [accountId]),
      remove(accounts, accountId),
      ...joined.map(({ organizationId, roles }) =>
        audit(actor, { action: 'member.removed', organizationId, accountId, details: roleDetails(roles) }),
      ),
      audit(actor, {
        action: 'account.removed',
        accountId,
        details: { email: account.email, organizations: owned.length, connections: ended },
      }),
    ]);
    return { account, organizations: owned, connections: ended };
  });
}
