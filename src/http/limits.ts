/** How often something may be tried: every limit of this server, by whom it counts, and the answer beyond it (RFC 6585 §4). */
import type { ConfigFile } from '../configFile.js';
import type { Limiter } from '../stores/limiter.js';
import type { Stores } from '../stores/stores.js';
import { HttpError } from './errors.js';
import { because } from './refusal.js';

export type LimitName = keyof ConfigFile['limits']['rates'];
export interface NamedLimiter extends Limiter {
  readonly name: LimitName;
}
export type Limits = Readonly<Record<LimitName, NamedLimiter>>;

/** The limits of the configuration, counted on the stores, so shared by all servers. */
export function createLimits(stores: Stores, rates: ConfigFile['limits']['rates']): Limits {
  const named = Object.entries(rates).map(([name, rate]) => [name, { ...stores.limiter({ name, ...rate }), name }]);
  return Object.fromEntries(named) as Limits;
}

/** The refusal of what comes too often. */
const tooOften = (limit: LimitName, seconds: number): HttpError => because(`limit-${limit}`, refusal(seconds));

const refusal = (seconds: number): HttpError =>
  new HttpError(429, 'temporarily_unavailable', `This was tried too often. Wait ${inWords(seconds)}, then try again.`, {
    whatToDo: `Wait ${inWords(seconds)}, then try again.`,
    headers: { 'Retry-After': String(seconds) },
  });

/**
 * Counts an event against several limits, one after the other: what one of them refuses does not count against the rest.
 * Otherwise somebody whose own limit is long used up could use up the limit of everybody.
 * @param counted each limiter with the key that counts there, the narrowest first
 * @throws HttpError 429 with `Retry-After` when one of them is exceeded
 */
export async function within(counted: readonly (readonly [NamedLimiter, string])[]): Promise<void> {
  for (const [limiter, key] of counted) {
    const seconds = await limiter.take(key);
    if (seconds > 0) throw tooOften(limiter.name, seconds);
  }
}

function inWords(seconds: number): string {
  if (seconds <= 90) return `${seconds} seconds`;
  return `${Math.ceil(seconds / 60)} minutes`;
}
