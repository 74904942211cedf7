/** How long a client is remembered. */
import { isWithin, type Limits } from '../http/limits.js';
import { type DurableStore, replace } from '../stores/durable.js';
import { clients, type KnownClient } from '../stores/records/client.js';
import { retryOnConflict } from '../stores/retryOnConflict.js';

const DAY_MS = 86_400_000;

/** A registration is forgotten after a day unless a signed-in person is shown its request (milliseconds). */
export const UNUSED_MS = DAY_MS;
/** A client is remembered for so long after a signed-in person was last asked about it: clients keep what they registered. */
const AFTER_SHOWN_MS = 90 * DAY_MS;
/** A client is remembered for so long after its last connection could have ended, so that it can come back. */
const AFTER_LAST_CONNECTION_MS = 60 * DAY_MS;
/** One account has so many registrations remembered an hour; others that it is asked about keep their day. */
const SHOWN_PER_ACCOUNT = 20;
/** The record is not written again for less than this. */
const WORTH_WRITING_MS = DAY_MS;

/**
 * Remembers a client that is being used, well beyond the end of the connection that it uses.
 * @param connectionEnd milliseconds, UTC
 */
export const rememberClient = (durable: DurableStore, clientId: string, connectionEnd: number): Promise<void> =>
  prolong(
    durable,
    clientId,
    connectionEnd + AFTER_LAST_CONNECTION_MS,
    async () => ({ connectedAt: Date.now() }),
    ({ connectedAt }) => connectedAt === undefined,
  );

/**
 * Remembers a registration that a signed-in person was asked about, whatever they answer. Requests without a person prolong
 * nothing and an account few, so that a flood is forgotten after a day.
 */
export const rememberShown = (
  durable: DurableStore,
  { consentPerAccount }: Pick<Limits, 'consentPerAccount'>,
  clientId: string,
  accountId: string,
): Promise<void> => {
  const shown = consentPerAccount.variant('shown', Math.min(consentPerAccount.events, SHOWN_PER_ACCOUNT));
  return prolong(durable, clientId, Date.now() + AFTER_SHOWN_MS, async ({ freshUntil }) =>
    // The snapshot of a metadata document is made again whenever a person is asked.
    freshUntil === undefined && (await isWithin([[shown, accountId]])) ? {} : undefined,
  );
};

/**
 * @param change what to note beside; undefined leaves the record as it is
 * @param needed whether it is to be noted although the client is remembered for long enough
 */
function prolong(
  durable: DurableStore,
  clientId: string,
  keptUntil: number,
  change: (client: KnownClient) => Promise<Partial<KnownClient> | undefined>,
  needed: (client: KnownClient) => boolean = () => false,
): Promise<void> {
  return retryOnConflict(async () => {
    const client = await durable.get(clients, clientId);
    if (!client || (client.keptUntil > keptUntil - WORTH_WRITING_MS && !needed(client))) return;
    const changed = await change(client);
    const until = Math.max(client.keptUntil, keptUntil);
    if (changed) await durable.commit([replace(clients, { ...client, ...changed, keptUntil: until })]);
  });
}
