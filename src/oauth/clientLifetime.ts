/** How long a client is remembered. */
import { type DurableStore, replace } from '../stores/durable.js';
import { clients } from '../stores/records/client.js';
import { retryOnConflict } from '../stores/retryOnConflict.js';

const DAY_MS = 86_400_000;

/** A registration that never exchanges a code is forgotten after a day (milliseconds). */
export const UNUSED_MS = DAY_MS;
/** A client is remembered for so long after its last connection could have ended, so that it can come back. */
const AFTER_LAST_CONNECTION_MS = 60 * DAY_MS;
/** The record is not written anew for less than this. */
const WORTH_WRITING_MS = DAY_MS;

/**
 * Remembers a client that is being used, well beyond the end of the connection that it uses.
 * @param connectionEnd milliseconds, UTC
 */
export function rememberClient(durable: DurableStore, clientId: string, connectionEnd: number): Promise<void> {
  const keptUntil = connectionEnd + AFTER_LAST_CONNECTION_MS;
  return retryOnConflict(async () => {
    const client = await durable.get(clients, clientId);
    if (!client || client.keptUntil > keptUntil - WORTH_WRITING_MS) return;
    await durable.commit([replace(clients, { ...client, connectedAt: Date.now(), keptUntil })]);
  });
}
