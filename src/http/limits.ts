/** How often something may be tried: every limit of this server, by whom it counts, and the answer beyond it (RFC 6585 §4). */
import type { ConfigFile } from '../configFile.js';
import type { Limiter } from '../stores/limiter.js';
import type { Stores } from '../stores/stores.js';
import { HttpError } from './errors.js';

export type LimitName = keyof ConfigFile['limits']['rates'];
export type Limits = Readonly<Record<LimitName, Limiter>>;

/** The limits of the configuration, counted on the stores, so shared by all servers. */
export function createLimits(stores: Stores, rates: ConfigFile['limits']['rates']): Limits {
  const named = Object.entries(rates).map(([name, rate]) => [name, stores.limiter({ name, ...rate })]);
  return Object.fromEntries(named) as Limits;
}

/** The refusal of what comes too often. */
export const tooOften = (seconds: number): HttpError =>
  new HttpError(429, 'temporarily_unavailable', `This was tried too often. Wait ${inWords(seconds)}, then try again.`, {
    whatToDo: `Wait ${inWords(seconds)}, then try again.`,
    headers: { 'Retry-After': String(seconds) },
  });

/**
 * Counts an event against several limits at once.
 * @param counted each limiter with the key that counts there
 * @throws HttpError 429 with `Retry-After` when one of them is exceeded
 */
export async function within(counted: readonly (readonly [Limiter, string])[]): Promise<void> {
  const waits = await Promise.all(counted.map(([limiter, key]) => limiter.take(key)));
  const seconds = Math.max(0, ...waits);
  if (seconds > 0) throw tooOften(seconds);
}

function inWords(seconds: number): string {
  if (seconds <= 90) return `${seconds} seconds`;
  return `${Math.ceil(seconds / 60)} minutes`;
}
