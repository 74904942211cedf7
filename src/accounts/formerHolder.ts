/** Whoever made an account in another person's name, to be let in later, loses it when that person comes. */
import { connectionsEnd } from '../organizations/removeConnections.js';
import type { Change, DurableStore } from '../stores/durable.js';
import type { Account } from '../stores/records/account.js';
import type { Actor } from '../stores/records/auditEvent.js';

/**
 * What goes when somebody shows that an account's email address is theirs: the first time, all of its connections, since
 * nobody knows who made them, and each organization's audit log says so; later none. Sessions and password are the
 * caller's to end, and to write the account `withConnectionsEnded`.
 * @param actor the person
 * @param account as it was before
 */
export async function connectionsOfFormerHolder(
  durable: DurableStore,
  actor: Actor,
  { id, emailVerified }: Account,
): Promise<Change[]> {
  if (emailVerified) return [];
  const by = 'of whoever held the account before its address was verified';
  return (await connectionsEnd(durable, actor, { accountId: id }, by)).changes;
}
