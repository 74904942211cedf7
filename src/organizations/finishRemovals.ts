/** Takes away, a few at a time, what removals of many left behind: all of it has counted no more since their commit. */
import { indexFor } from '../connections/activeConnections.js';
import { isRemovedBy } from '../connections/endedConnections.js';
import type { Collection, Identified, IndexValue, Stored } from '../stores/collection.js';
import { type Change, type DurableStore, type ListPlace, remove, replace } from '../stores/durable.js';
import { connections } from '../stores/records/connection.js';
import { invitations } from '../stores/records/invitation.js';
import { members } from '../stores/records/member.js';
import { organizations } from '../stores/records/organization.js';
import { type Removal, removals } from '../stores/records/removal.js';
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

async function finish(durable: DurableStore, removal: Stored<Removal>, stopping: () => boolean): Promise<void> {
  const { organizationId, accountId, clientId, before } = removal;
  const owner = { organizationId, accountId, clientId } as Parameters<typeof indexFor>[0];
  const { index, key } = indexFor(owner);
  await takeAway(durable, connections, index, key, stopping, (connection) => isRemovedBy(removal, connection));
  if (before === undefined && organizationId !== undefined) {
    await takeAway(durable, invitations, 'byOrganization', [organizationId], stopping);
    await takeAway(durable, members, 'byOrganization', [organizationId], stopping);
  }
  if (before === undefined && accountId !== undefined)
    await takeAway(durable, members, 'byAccount', [accountId], stopping);
  if (!stopping()) await done(durable, removal);
}

async function takeAway<T extends Identified, I extends string>(
  durable: DurableStore,
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
    if (concerned.length > 0) await durable.commit(concerned.map(({ id }) => remove(collection as Collection<T>, id)));
    const last = read.at(-1) as (Stored<T> & Readonly<Record<string, IndexValue>>) | undefined;
    if (!last || read.length < FEW) return;
    after = { values: fields.slice(key.length).map((field) => last[field] as IndexValue), id: last.id };
    await giveWay();
  }
}

/** Nothing is left, and nothing new can be under the epoch: the organization forgets it together with the removal itself. */
const done = (durable: DurableStore, { id, organizationId, before }: Stored<Removal>): Promise<void> =>
  retryOnConflict(async () => {
    const organization = organizationId === undefined ? undefined : await durable.get(organizations, organizationId);
    const changes: Change[] = [remove(removals, id)];
    if (organization && before !== undefined) {
      const { endedConnections = [], ...rest } = organization;
      const left = endedConnections.filter((ended) => ended.before !== before);
      if (left.length < endedConnections.length)
        changes.push(replace(organizations, { ...rest, ...(left.length > 0 && { endedConnections: left }) }));
    }
    await durable.commit(changes);
  });
