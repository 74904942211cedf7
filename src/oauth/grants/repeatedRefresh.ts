/** Refresh tokens repeated within the replay window: counted, logged, and written to the audit log with both addresses. */
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { audit } from '../../audit.js';
import type { Stored } from '../../stores/collection.js';
import { replace } from '../../stores/durable.js';
import type { Connection } from '../../stores/records/connection.js';
import { type RefreshReplay, refreshReplays } from '../../stores/records/refreshToken.js';
import { retryOnConflict } from '../../stores/retryOnConflict.js';
import { volatileKind } from '../../stores/volatile.js';
import { actorOf, type ClientRequest } from '../clientRequest.js';
import type { OauthContext } from '../context.js';

/** From so many addresses repeats of one token are audited: tokens that are passed around must not fill the log. */
const MOST_ADDRESSES = 8;

/** Repeats from the very address of the first use are how some clients work: audited once in this time, in milliseconds. */
const SAME_ADDRESS_PAUSE_MS = 3_600_000;

/** The answer waits no longer for the audit log, in milliseconds. */
const LONGEST_WAIT_MS = 1_000;

const audited = volatileKind('audited-repeat', z.literal(true));

/**
 * Notes that a used token came again and gets its response again. The response is there already, and nothing that
 * happens here keeps it back: a client whose answer was lost must get it also while the store cannot write. It waits for
 * the audit event all the same, a second at most, so that as a rule the event is written before its sender has the tokens.
 * @param kept the response to the first use, with the addresses
 */
export async function noteRepeat(
  oauth: OauthContext,
  request: ClientRequest,
  connection: Connection,
  kept: Stored<RefreshReplay>,
): Promise<void> {
  const { log, tally } = oauth;
  const { ip: repeatedFrom } = request;
  const { firstUsedFrom } = kept;
  const sameAddress = firstUsedFrom === repeatedFrom;
  tally.refreshRepeats[sameAddress ? 'same' : 'other'] += 1;
  const line = { connectionId: connection.id, clientId: connection.clientId, firstUsedFrom, repeatedFrom };
  log.info(line, 'refresh token repeated within the replay window');
  const written = writeRepeat(oauth, request, connection, kept, sameAddress).catch((err: unknown) =>
    log.error({ ...line, err }, 'a repeated refresh token is missing in the audit log'),
  );
  await Promise.race([written, pause(LONGEST_WAIT_MS, undefined, { ref: false })]);
}

/** One event for each token and address: the address is kept with the response, in the commit of its event. */
async function writeRepeat(
  { stores }: OauthContext,
  request: ClientRequest,
  connection: Connection,
  { id, firstUsedFrom, repeatedFrom = [] }: RefreshReplay,
  sameAddress: boolean,
): Promise<void> {
  const { ip } = request;
  const isNoted = (addresses: readonly string[]) => addresses.includes(ip) || addresses.length >= MOST_ADDRESSES;
  if (isNoted(repeatedFrom)) return;
  if (sameAddress) {
    const key = JSON.stringify([connection.id, ip]);
    if (!(await stores.volatile.add(audited, key, true, Date.now() + SAME_ADDRESS_PAUSE_MS))) return;
  }
  await retryOnConflict(async () => {
    const kept = await stores.durable.get(refreshReplays, id);
    if (!kept || isNoted(kept.repeatedFrom ?? [])) return;
    await stores.durable.commit([
      replace(refreshReplays, { ...kept, repeatedFrom: [...(kept.repeatedFrom ?? []), ip] }),
      audit(actorOf(request), {
        action: 'connection.refresh-token-repeated',
        organizationId: connection.organizationId,
        accountId: connection.accountId,
        clientId: connection.clientId,
        connectionId: connection.id,
        details: { client: connection.clientName, ...(firstUsedFrom !== undefined && { firstUsedFrom }) },
      }),
    ]);
  });
}
