/**
 * Takes away, a few at a time, what removals of many left behind: all of it has counted no more since their commit.
 *
 * Several servers may work off the same removal. Each of their commits demands its record, so one that comes late takes
 * nothing away. What is made under a chosen id demands that no removal of that id is there, and a removal of an
 * organization or account drops those of its connections that were under way, since it takes them all. So no removal
 * meets what was made again under the id.
 */
import { indexFor } from '../connections/activeConnections.js';
import { isRemovedBy } from '../connections/endedConnections.js';
import type { Collection, Identified, IndexValue, Stored } from '../stores/collection.js';
import {
  type Change,
  type DurableStore,
  insert,
  type ListPlace,
  remove,
  replace,
  unchanged,
} from '../stores/durable.js';
import { connections } from '../stores/records/connection.js';
import { type Invitation, invitations } from '../stores/records/invitation.js';
import { members } from '../stores/records/member.js';
import { organizations } from '../stores/records/organization.js';
import { type Gone, idOfGone, type Removal, removals } from '../stores/records/removal.js';
import { retryOnConflict } from '../stores/retryOnConflict.js';
import { giveWay } from '../turns.js';

/** So many records go in one commit: their deletion holds up neither other requests nor other commits for long. */
export const FEW = 100;

/** How often a server looks for removals that are left to finish (milliseconds). */
export const FINISH_EVERY_MS = 1_000;

/**
 * Goes on with all removals that are under way, whichever process began them; several processes may do so at once.
 * @param stopping whether to stop after the records that are being taken away
 */
export async function finishRemovals(durable: DurableStore, stopping: () => boolean = () => false): Promise<void> {
  for (const removal of await durable.list(removals, 'byCreation', []))
    if (!stopping()) await finish(durable, removal, stopping);
}

/** Finishes the removals of what an organization or account of this id had, so that the id can be used again. */
export async function finishRemovalsOf(durable: DurableStore, id: string): Promise<void> {
  for (const removal of await durable.list(removals, 'byCreation', []))
    if (removal.organizationId === id || removal.accountId === id) await finish(durable, removal, () => false);
}

/** The changes that conflict while anything is left of an organization or account that had the id: finish that, and read again. */
export function nothingLeftOf(gone: Gone): Change[] {
  const id = idOfGone(gone);
  // Written and taken back: a store's transaction conflicts over what it writes only.
  return [insert(removals, { ...gone, id, createdAt: Date.now() }), remove(removals, id)];
}

/**
 * The changes that drop the removals under way of connections of an organization or account that is itself being removed.
 * New ones write its record, so the commit has to demand that unchanged since before this call.
 */
export async function removalsDropped(durable: DurableStore, gone: Gone): Promise<Change[]> {
  const isOf = ({ organizationId, accountId }: Removal): boolean =>
    'organizationId' in gone
      ? organizationId === gone.organizationId
      : organizationId === undefined && accountId === gone.accountId;
  const underWay = await durable.list(removals, 'byCreation', []);
  return underWay.filter(isOf).map(({ id }) => remove(removals, id));
}

async function finish(durable: DurableStore, removal: Stored<Removal>, stopping: () => boolean): Promise<void> {
  if (removal.invitations) await takeInvitations(durable, removal, stopping);
  else await takeConnections(durable, removal, stopping);
  if (!stopping()) await done(durable, removal);
}

/** Wherever the account is a member: with a membership the invitations that rested on it went already. */
async function takeInvitations(
  durable: DurableStore,
  removal: Stored<Removal>,
  stopping: () => boolean,
): Promise<void> {
  const { accountId = '', before = 0 } = removal;
  const isConcerned = ({ invitedBy, inviterEpoch = 0 }: Invitation) => invitedBy === accountId && inviterEpoch < before;
  for (const { organizationId } of await durable.list(members, 'byAccount', [accountId]))
    await takeAway(durable, removal, invitations, 'byOrganization', [organizationId], stopping, isConcerned);
}

async function takeConnections(
  durable: DurableStore,
  removal: Stored<Removal>,
  stopping: () => boolean,
): Promise<void> {
  const { organizationId, accountId, clientId, before } = removal;
  const owner = { organizationId, accountId, clientId } as Parameters<typeof indexFor>[0];
  const { index, key } = indexFor(owner);
  await takeAway(durable, removal, connections, index, key, stopping, (connection) => isRemovedBy(removal, connection));
  if (before === undefined && organizationId !== undefined) {
    await takeAway(durable, removal, invitations, 'byOrganization', [organizationId], stopping);
    await takeAway(durable, removal, members, 'byOrganization', [organizationId], stopping);
  }
  if (before === undefined && accountId !== undefined)
    await takeAway(durable, removal, members, 'byAccount', [accountId], stopping);
}

async function takeAway<T extends Identified, I extends string>(
  durable: DurableStore,
  removal: Stored<Removal>,
  collection: Collection<T, I>,
  index: I,
  key: readonly IndexValue[],
  stopping: () => boolean,
  isConcerned: (record: Stored<T>) => boolean = () => true,
): Promise<void> {
  const { fields } = collection.indexes[index];
  let after: ListPlace | undefined;
  while (!stopping()) {
    const read = await durable.list(collection, index, key, { limit: FEW, ...(after && { after }) });
    const concerned = read.filter(isConcerned);
    const changes = concerned.map(({ id }) => remove(collection as Collection<T>, id));
    if (changes.length > 0 && !(await commitUnder(durable, removal, async () => changes))) return;
    const last = read.at(-1) as (Stored<T> & Readonly<Record<string, IndexValue>>) | undefined;
    if (!last || read.length < FEW) return;
    after = { values: fields.slice(key.length).map((field) => last[field] as IndexValue), id: last.id };
    await giveWay();
  }
}

/** Commits as long as the removal is under way; what may follow it under the same id is another one. */
const commitUnder = (
  durable: DurableStore,
  removal: Stored<Removal>,
  changes: () => Promise<readonly Change[]>,
): Promise<boolean> =>
  retryOnConflict(async () => {
    const now = await durable.get(removals, removal.id);
    if (now?.revision !== removal.revision) return false;
    await durable.commit([unchanged(removals, removal), ...(await changes())]);
    return true;
  });

/** Nothing is left, and nothing new can be under the epoch: the organization forgets it together with the removal itself. */
async function done(durable: DurableStore, removal: Stored<Removal>): Promise<void> {
  const { id, organizationId, before } = removal;
  await commitUnder(durable, removal, async () => {
    const organization = organizationId === undefined ? undefined : await durable.get(organizations, organizationId);
    const changes: Change[] = [remove(removals, id)];
    if (organization && before !== undefined) {
      const { endedConnections = [], ...rest } = organization;
      const left = endedConnections.filter((ended) => ended.before !== before);
      if (left.length < endedConnections.length)
        changes.push(replace(organizations, { ...rest, ...(left.length > 0 && { endedConnections: left }) }));
    }
    return changes;
  });
}
