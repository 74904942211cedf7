/** Whoever made an account in another person's name, to be let in later, loses it when that person comes. */
import { type Change, removeAll } from '../stores/durable.js';
import type { Account } from '../stores/records/account.js';
import { connections } from '../stores/records/connection.js';

/**
 * What goes when somebody shows that an account's email address is theirs: the first time, all of its connections, since
 * nobody knows who made them; later none. Sessions and password are the caller's to end.
 * @param account as it was before
 */
export const connectionsOfFormerHolder = (account: Account): Change[] =>
  account.emailVerified ? [] : [removeAll(connections, 'byAccount', [account.id])];
