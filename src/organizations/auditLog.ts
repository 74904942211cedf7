/** The audit log of an organization: who did what, when and from where. */
import type { Stored } from '../stores/collection.js';
import type { DurableStore, ListPlace } from '../stores/durable.js';
import { matchingPage } from '../stores/matchingPage.js';
import type { Account } from '../stores/records/account.js';
import { type AuditAction, type AuditEvent, auditEvents } from '../stores/records/auditEvent.js';
import { accountsOnce } from './organizationConnections.js';

export interface LoggedEvent {
  readonly event: Stored<AuditEvent>;
  /** Who did it, when that was an account that still exists. */
  readonly actor: Account | undefined;
  /** The account that the event is about, when it is about one that still exists. */
  readonly account: Account | undefined;
}

export interface AuditFilter {
  readonly action?: AuditAction | undefined;
  /** In the name or address of whoever did it or whom it is about, or in an address that the event names. */
  readonly person?: string | undefined;
}

/**
 * Reads one page of the log, the newest first.
 * @param durable the durable store
 * @param organizationId whose log
 * @param filter which events
 * @param page how many at most, and where the page before ended
 * @returns the events with the accounts in them, and where the next page goes on
 */
export async function auditLog(
  durable: DurableStore,
  organizationId: string,
  { action, person }: AuditFilter,
  page: { size: number; after?: ListPlace | undefined },
): Promise<{ events: LoggedEvent[]; next: ListPlace | undefined }> {
  const accountOf = accountsOnce(durable);
  const wanted = person?.trim().toLocaleLowerCase();
  const withAccounts = async (event: Stored<AuditEvent>): Promise<LoggedEvent> => ({
    event,
    actor: event.actor.kind === 'account' ? await accountOf(event.actor.accountId) : undefined,
    account: event.accountId === undefined ? undefined : await accountOf(event.accountId),
  });
  const matches = async (event: Stored<AuditEvent>): Promise<boolean> => {
    if (action !== undefined && event.action !== action) return false;
    if (!wanted) return true;
    const { actor, account } = await withAccounts(event);
    const texts = [actor?.name, actor?.email, account?.name, account?.email, event.details?.email];
    return texts.some((text) => text?.toString().toLocaleLowerCase().includes(wanted));
  };
  const listing = { collection: auditEvents, index: 'byOrganization', key: [organizationId], matches } as const;
  const { records, next } = await matchingPage(durable, listing, page);
  return { events: await Promise.all(records.map(withAccounts)), next };
}
