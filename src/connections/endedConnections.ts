/**
 * Connections that ended together with many others: their records are still there for a while, and count no more.
 *
 * Account and organization have an epoch. A connection notes both at consent, in a commit that holds only while neither
 * record has changed. Removing many raises the epoch, so the record that every use of a token reads anyway tells those that
 * ended from those that were consented to afterwards, whatever the clocks of the servers say (docs/rules.md, 4).
 */
import type { Stored } from '../stores/collection.js';
import type { DurableStore } from '../stores/durable.js';
import { type Account, accounts } from '../stores/records/account.js';
import { type Connection, connections } from '../stores/records/connection.js';
import { type EndedConnections, type Organization, organizations } from '../stores/records/organization.js';
import { type Removal, removals } from '../stores/records/removal.js';

/** The epochs that a connection notes at consent. */
export const epochsOf = (
  { connectionEpoch: accountEpoch = 0 }: Account,
  { connectionEpoch: organizationEpoch = 0 }: Organization,
): Pick<Connection, 'accountEpoch' | 'organizationEpoch'> => ({
  ...(accountEpoch > 0 && { accountEpoch }),
  ...(organizationEpoch > 0 && { organizationEpoch }),
});

/** The account with all connections ended that it has now. */
export const withConnectionsEnded = <A extends Account>(account: A): A => ({
  ...account,
  connectionEpoch: (account.connectionEpoch ?? 0) + 1,
});

/** The organization with connections ended that it has now, and what ended. */
export function withEnded(
  organization: Stored<Organization>,
  of: Omit<EndedConnections, 'before'>,
): { organization: Stored<Organization>; ended: EndedConnections } {
  const before = (organization.connectionEpoch ?? 0) + 1;
  const ended = { ...of, before };
  const endedConnections = [...(organization.endedConnections ?? []), ended];
  return { organization: { ...organization, connectionEpoch: before, endedConnections }, ended };
}

const isOf = ({ accountId, clientId, before }: Omit<EndedConnections, never>, connection: Connection): boolean =>
  (connection.organizationEpoch ?? 0) < before &&
  (accountId === undefined || accountId === connection.accountId) &&
  (clientId === undefined || clientId === connection.clientId);

/**
 * Whether a connection ended together with others.
 * @param account its account as read now; undefined when there is none
 * @param organization its organization as read now; undefined when there is none
 */
export function hasEnded(
  connection: Connection,
  account: Account | undefined,
  organization: Organization | undefined,
): boolean {
  if ((connection.accountEpoch ?? 0) < (account?.connectionEpoch ?? 0)) return true;
  return organization?.endedConnections?.some((ended) => isOf(ended, connection)) ?? false;
}

/** Whether a connection is one of those that a removal takes away. */
export function isRemovedBy({ before, organizationId, ...of }: Removal, connection: Connection): boolean {
  if (before === undefined) return true;
  if (organizationId === undefined) return (connection.accountEpoch ?? 0) < before;
  return isOf({ ...of, before }, connection);
}

/** Reads each record once. */
function once<T>(read: (id: string) => Promise<T>): (id: string) => Promise<T> {
  const known = new Map<string, Promise<T>>();
  return (id) => {
    const found = known.get(id) ?? read(id);
    known.set(id, found);
    return found;
  };
}

/**
 * What tells the connections of a listing that have ended from the others.
 * @returns undefined when no removal of many is under way, so that none has ended
 */
export async function endedAmong(
  durable: DurableStore,
): Promise<((connection: Connection) => Promise<boolean>) | undefined> {
  const [underWay] = await durable.list(removals, 'byCreation', [], { limit: 1 });
  if (!underWay) return undefined;
  const accountOf = once((id) => durable.get(accounts, id));
  const organizationOf = once((id) => durable.get(organizations, id));
  return async (connection) => {
    const [account, organization] = await Promise.all([
      accountOf(connection.accountId),
      organizationOf(connection.organizationId),
    ]);
    return !account || !organization || hasEnded(connection, account, organization);
  };
}

/** A connection by its id; undefined for one that is not there, has expired, or ended together with others or with its owner. */
export async function connectionById(durable: DurableStore, id: string): Promise<Stored<Connection> | undefined> {
  const connection = await durable.get(connections, id);
  if (!connection) return undefined;
  const [account, organization] = await durable.getEach(
    [accounts, connection.accountId],
    [organizations, connection.organizationId],
  );
  return !account || !organization || hasEnded(connection, account, organization) ? undefined : connection;
}
