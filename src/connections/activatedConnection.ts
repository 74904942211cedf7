/** Code exchange: what a pending connection becomes. */
import type { Stored } from '../stores/collection.js';
import type { Connection } from '../stores/records/connection.js';

/**
 * The active version of a pending connection. Written with `replace`, it is the one conditional durable write that
 * makes an authorization code single-use: of many writers the first wins and the others conflict (docs/rules.md, 2).
 */
export function activatedConnection(pending: Stored<Connection>): Stored<Connection> {
  const { replaces: _, ...connection } = pending;
  return { ...connection, status: 'active', keptUntil: pending.expiresAt };
}
