/** Connecting again: the older connections of the same client, and the mark that a newer one leaves on them. */
import type { Stored } from '../stores/collection.js';
import { type Change, type DurableStore, replace } from '../stores/durable.js';
import { type Connection, connections } from '../stores/records/connection.js';
import { activeOnes, isActive } from './activeConnections.js';

/** How many of the newest connections of an account are looked at: some clients make one each time they run. */
const LOOKED_AT = 500;

/**
 * The active connections of an account with one client, the newest first.
 * @param durable the durable store
 * @param accountId whose
 * @param clientId the very client: another registration of a client of the same name is another client
 * @returns those among the newest 500 of the account
 */
export async function connectionsWith(
  durable: DurableStore,
  accountId: string,
  clientId: string,
): Promise<Stored<Connection>[]> {
  const newest = await durable.list(connections, 'byAccount', [accountId], { reverse: true, limit: LOOKED_AT });
  const isListed = await activeOnes(durable);
  const ofClient = newest.filter((connection) => connection.clientId === clientId);
  const listed = await Promise.all(ofClient.map(isListed));
  return ofClient.filter((_, place) => listed[place]);
}

/**
 * The changes that mark the connections which a connection replaces, for the commit that makes it active. They keep their
 * power: a client on two computers has one client id and two connections (docs/adr/0007). One that has ended since, or was
 * marked before, is left as it is.
 * @param durable the durable store
 * @param connection as it was when the person consented
 */
export async function replacedBy(
  durable: DurableStore,
  { id, replaces = [] }: Pick<Connection, 'id' | 'replaces'>,
): Promise<Change[]> {
  const older = await durable.getEach(...replaces.map((one) => [connections, one] as const));
  return older.flatMap((one) =>
    one && isActive(one) && one.replacedBy === undefined
      ? [replace(connections, { ...one, replacedBy: id, replacedAt: Date.now() })]
      : [],
  );
}
