/** The connections of an organization, as its admins see them: whose, of which client, a page at a time. */
import { accountById } from '../accounts/findAccount.js';
import { activeOnes, type ConnectionOwner, indexFor } from '../connections/activeConnections.js';
import type { Stored } from '../stores/collection.js';
import type { DurableStore, ListPlace } from '../stores/durable.js';
import { matchingPage } from '../stores/matchingPage.js';
import type { Account } from '../stores/records/account.js';
import { type Connection, connections } from '../stores/records/connection.js';

export interface MembersConnection {
  readonly connection: Stored<Connection>;
  /** Whose it is; undefined when the account is gone. */
  readonly account: Account | undefined;
}

/** Accounts by id, each read once. */
export function accountsOnce(durable: DurableStore): (id: string) => Promise<Stored<Account> | undefined> {
  const known = new Map<string, Promise<Stored<Account> | undefined>>();
  return (id) => {
    const found = known.get(id) ?? accountById(durable, id);
    known.set(id, found);
    return found;
  };
}

/**
 * Lists active connections of an organization, the newest first.
 * @param durable the durable store
 * @param owner all of the organization's, one member's, or one client's
 * @param page `text`: in the name or address of the member, or the name or id of the client; `size` and `after`: which page
 * @returns the page, and where the next one goes on
 */
export async function organizationConnections(
  durable: DurableStore,
  owner: ConnectionOwner & { readonly organizationId: string },
  { text, size, after }: { text?: string | undefined; size: number; after?: ListPlace | undefined },
): Promise<{ connections: MembersConnection[]; next: ListPlace | undefined }> {
  const isListed = await activeOnes(durable);
  const accountOf = accountsOnce(durable);
  const wanted = text?.trim().toLocaleLowerCase();
  const matches = async (connection: Connection): Promise<boolean | undefined> => {
    const listed = await isListed(connection);
    if (!listed) return listed;
    if (!wanted) return true;
    const { clientName, clientId, accountId } = connection;
    const account = await accountOf(accountId);
    const texts = [clientName, clientId, account?.name, account?.email];
    return texts.some((one) => one?.toLocaleLowerCase().includes(wanted));
  };
  const listing = { collection: connections, ...indexFor(owner), matches };
  const { records, next } = await matchingPage(durable, listing, { size, after });
  const found = records.map(async (connection) => ({ connection, account: await accountOf(connection.accountId) }));
  return { connections: await Promise.all(found), next };
}
