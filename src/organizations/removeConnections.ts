/**
 * Removing all connections of an account, an organization, a member, or a client in an organization. A few go in one
 * commit. Very many end by one commit that raises an epoch and notes a removal, which `finishRemovals` works off.
 */
import { audit } from '../audit.js';
import { type ConnectionOwner, countActiveConnections, indexFor } from '../connections/activeConnections.js';
import { withConnectionsEnded, withEnded } from '../connections/endedConnections.js';
import { newId } from '../ids.js';
import type { Stored } from '../stores/collection.js';
import {
  type Change,
  ConflictError,
  type DurableStore,
  insert,
  removeAll,
  replace,
  unchanged,
} from '../stores/durable.js';
import { type Account, accounts } from '../stores/records/account.js';
import type { Actor } from '../stores/records/auditEvent.js';
import { connections } from '../stores/records/connection.js';
import { type Member, members } from '../stores/records/member.js';
import { MOST_ENDED, type Organization, organizations } from '../stores/records/organization.js';
import { type Gone, idOfGone, type Removal, removals } from '../stores/records/removal.js';
import { retryOnConflict } from '../stores/retryOnConflict.js';
import type { Stores } from '../stores/stores.js';
import { inSteps } from '../turns.js';
import { demandAdministrator } from './demandAdministrator.js';
import { DirectoryError } from './directoryError.js';
import { FEW, finishRemovals } from './finishRemovals.js';

type InOrganization = ConnectionOwner & { readonly organizationId: string };

/** The note that connections or invitations are left to take away of what exists still. */
export const removalNoted = (of: Omit<Removal, 'id' | 'createdAt'> & { readonly before: number }): Change =>
  insert(removals, { ...of, id: newId('rem'), createdAt: Date.now() });

/** The note that everything is left to take away of what is gone. */
export const goneNoted = (gone: Gone): Change =>
  insert(removals, { ...gone, id: idOfGone(gone), createdAt: Date.now() });

/** Whether connections are more than one commit should take away, those that wait for their code and ended ones included. */
const areMany = async (durable: DurableStore, owner: ConnectionOwner): Promise<boolean> => {
  const { index, key } = indexFor(owner);
  return (await durable.count(connections, index, key, { limit: FEW + 1 })) > FEW;
};

/**
 * Ends connections in an organization.
 * @param organization as it was read; the commit writes the one that is returned in its place, when that is another one
 * @returns the organization, and the changes beside it
 * @throws ConflictError when so many removals are under way that this one had to help with them: read again
 */
export async function endedIn(
  durable: DurableStore,
  organization: Stored<Organization>,
  owner: InOrganization,
): Promise<{ organization: Stored<Organization>; changes: Change[] }> {
  const { index, key } = indexFor(owner);
  if (!(await areMany(durable, owner))) return { organization, changes: [removeAll(connections, index, [...key])] };
  if ((organization.endedConnections?.length ?? 0) >= MOST_ENDED) {
    await finishRemovals(durable);
    throw new ConflictError(organizations.name);
  }
  const { accountId, clientId } = owner;
  const of = { ...(accountId !== undefined && { accountId }), ...(clientId !== undefined && { clientId }) };
  const { organization: next, ended } = withEnded(organization, of);
  return { organization: next, changes: [removalNoted({ ...ended, organizationId: organization.id })] };
}

/**
 * The changes that end connections, those that wait for their code included, for a commit of the caller, who has made
 * sure that the actor may do it; each organization's audit log says how many it lost. Of an account the same commit
 * has to write its record `withConnectionsEnded`; of an organization it must not write the organization's.
 * @param actor who ends them
 * @param owner whose connections
 * @param by why, where the actor does not say it
 * @returns how many active connections end, and the changes
 */
export async function connectionsEnd(
  durable: DurableStore,
  actor: Actor,
  owner: ConnectionOwner,
  by?: string,
): Promise<{ ended: number; changes: Change[] }> {
  const lost = await lostBy(durable, owner);
  const { accountId, clientId } = owner;
  const client = clientId === undefined ? undefined : await clientNameOf(durable, owner, clientId);
  const events = lost.map(({ organizationId, count }) =>
    audit(actor, {
      action: 'connection.removed',
      organizationId,
      ...(accountId !== undefined && { accountId }),
      ...(clientId !== undefined && { clientId }),
      details: { connections: count, ...(client !== undefined && { client }), ...(by !== undefined && { by }) },
    }),
  );
  const ended = lost.reduce((sum, { count }) => sum + count, 0);
  return { ended, changes: [...(await recordsEnd(durable, owner)), ...events] };
}

/**
 * The changes that end connections and say so nowhere; see `connectionsEnd`.
 * @throws ConflictError as `endedIn`
 */
export async function recordsEnd(durable: DurableStore, owner: ConnectionOwner): Promise<Change[]> {
  if (owner.organizationId === undefined) {
    if (!(await areMany(durable, owner))) return [removeAll(connections, 'byAccount', [owner.accountId])];
    const account = await durable.get(accounts, owner.accountId);
    const before = account && withConnectionsEnded(account).connectionEpoch;
    return before === undefined ? [] : [removalNoted({ accountId: owner.accountId, before })];
  }
  const stored = await durable.get(organizations, owner.organizationId);
  if (!stored) return [];
  const { organization, changes } = await endedIn(durable, stored, owner);
  return organization === stored ? changes : [replace(organizations, organization), ...changes];
}

/** How many active connections each organization loses. */
async function lostBy(
  durable: DurableStore,
  owner: ConnectionOwner,
): Promise<{ organizationId: string; count: number }[]> {
  const { accountId, organizationId } = owner;
  const organizationIds =
    organizationId === undefined
      ? (await durable.list(members, 'byAccount', [accountId])).map((member) => member.organizationId)
      : [organizationId];
  const counts = await inSteps(organizationIds, async (id) => ({
    organizationId: id,
    count: await countActiveConnections(durable, { ...owner, organizationId: id } as InOrganization),
  }));
  return counts.filter(({ count }) => count > 0);
}

/** What the newest of its connections calls a client. */
async function clientNameOf(durable: DurableStore, owner: ConnectionOwner, clientId: string): Promise<string> {
  const { index, key } = indexFor(owner);
  const [newest] = await durable.list(connections, index, key, { reverse: true, limit: 1 });
  return newest?.clientName ?? clientId;
}

/**
 * Removes connections, those that wait for their code included; each organization's audit log says how many it lost. All
 * of them have ended when this resolves; of very many the records go some time later.
 * @param stores where the connections are
 * @param actor the operator, the account itself, or in an organization its owner or an admin
 * @param owner whose connections
 * @returns how many active connections ended
 * @throws DirectoryError `forbidden` or `not-found` for an actor who may not
 */
export async function removeConnections(stores: Stores, actor: Actor, owner: ConnectionOwner): Promise<number> {
  const { durable } = stores;
  return retryOnConflict(async () => {
    const authority = await demandAuthority(durable, actor, owner);
    const account = owner.organizationId === undefined ? await durable.get(accounts, owner.accountId) : undefined;
    const { ended, changes } = await connectionsEnd(durable, actor, owner);
    await durable.commit([
      ...authority.map((member) => unchanged(members, member)),
      ...(account ? [replace(accounts, withConnectionsEnded<Stored<Account>>(account))] : []),
      ...changes,
    ]);
    return ended;
  });
}

async function demandAuthority(
  durable: DurableStore,
  actor: Actor,
  { accountId, organizationId }: ConnectionOwner,
): Promise<Stored<Member>[]> {
  if (actor.kind === 'account' && actor.accountId === accountId) return [];
  if (organizationId !== undefined) return demandAdministrator(durable, actor, organizationId);
  if (actor.kind === 'operator') return [];
  throw new DirectoryError('forbidden', 'People remove their own connections only.');
}
