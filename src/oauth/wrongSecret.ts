/** Wrong secrets and assertions of clients, resource servers and admin clients: limited by client and address, logged and counted. */
import { type Counted, perAddress, within } from '../http/limits.js';
import { because } from '../http/refusal.js';
import type { OauthContext } from './context.js';

export interface Presented {
  readonly clientId: string;
  readonly known: boolean;
  readonly ip: string;
  /** What was wrong with an assertion, in words of this server's own; absent for a secret. */
  readonly problem?: string;
}

/** A client whose secret or assertion is wrong again and again is logged once in this time, in milliseconds. */
const LOG_PAUSE_MS = 60_000;

/** Of more clients than this the times are forgotten, and they are logged once more. */
const MOST_CLIENTS = 1_000;

const logged = new WeakMap<OauthContext, Map<string, number>>();

/**
 * Notes that a secret or an assertion was wrong. A right one is never refused and costs nothing: others behind the same
 * address must not be able to keep a client out, and neither a secret of at least 32 random characters nor a signature is
 * guessed.
 * @param presented the id that came with it, whether there is such a client, and the address that it came from; an unknown
 *   id is not logged, since it may be a secret in the wrong field
 * @param refusal the answer to it
 * @returns the answer
 * @throws HttpError 429 after too many from the same address
 */
export async function wrongSecret<E extends Error>(oauth: OauthContext, presented: Presented, refusal: E): Promise<E> {
  const { ip, problem } = presented;
  const clientId = presented.known ? presented.clientId : undefined;
  if (isToBeLogged(oauth, clientId ?? '')) {
    const what = problem === undefined ? 'secret' : 'assertion';
    oauth.log.warn({ clientId, ip, problem }, `a client presented a wrong ${what}`);
  }
  await within(countedAt(oauth, presented));
  return because(problem === undefined ? 'wrong-secret' : 'wrong-assertion', refusal);
}

function countedAt({ limits, adminClients }: OauthContext, { clientId, known, ip }: Presented): Counted[] {
  if (known && adminClients.has(clientId)) return perAddress(limits.adminFailuresPerAddress, ip);
  return [
    ...perAddress(limits.clientFailuresPerAddress, ip),
    ...perAddress(limits.clientFailuresPerClientAndAddress, ip, clientId),
  ];
}

function isToBeLogged(oauth: OauthContext, clientId: string): boolean {
  const times = logged.get(oauth) ?? new Map<string, number>();
  logged.set(oauth, times);
  const now = Date.now();
  if (now - (times.get(clientId) ?? 0) < LOG_PAUSE_MS) return false;
  if (times.size >= MOST_CLIENTS) times.clear();
  times.set(clientId, now);
  return true;
}
