/**
 * What is counted while the server runs: plain numbers, so that counting costs next to nothing and needs no library.
 * `metrics/` serves them when METRICS_PORT is set. Every name in here comes from a closed list.
 */
import type { Refusal } from './http/refusal.js';

/** How an introspection ended: with 200 and `active` or not, with 4xx, with 5xx. */
export type IntrospectionResult = 'active' | 'inactive' | 'refused' | 'unavailable';

/** How a request ended, by the class of its status: 2xx, 3xx, 4xx, 5xx. */
export type Outcome = 'answered' | 'redirected' | 'refused' | 'failed';

export interface Tally {
  /** Counted up in place: introspection is what this server does most. */
  readonly introspections: Record<IntrospectionResult, number>;
  /** Repeats of refresh tokens within the replay window, from the address of the first use or another. */
  readonly refreshRepeats: Record<'same' | 'other', number>;
  /** Token requests that wait at this moment, by what they wait for. */
  readonly tokensWaitingFor: Record<'store' | 'limit', number>;
  /** Requests by the pattern of their route, introspections excepted. */
  readonly requests: ReadonlyMap<string, Readonly<Record<Outcome, number>>>;
  /** Refusals by the pattern of their route and by their reason. */
  readonly refusals: ReadonlyMap<string, ReadonlyMap<Refusal, number>>;
  /** @param route a pattern of this server's, never a path as it was asked for */
  countRequest(route: string, status: number): void;
  countRefusal(route: string, reason: Refusal): void;
}

/** Begins to count. */
export function createTally(): Tally {
  const requests = new Map<string, Record<Outcome, number>>();
  const refusals = new Map<string, Map<Refusal, number>>();
  return {
    introspections: { active: 0, inactive: 0, refused: 0, unavailable: 0 },
    refreshRepeats: { same: 0, other: 0 },
    tokensWaitingFor: { store: 0, limit: 0 },
    requests,
    refusals,
    countRequest(route, status) {
      const counts = requests.get(route) ?? { answered: 0, redirected: 0, refused: 0, failed: 0 };
      counts[outcomeOf(status)] += 1;
      requests.set(route, counts);
    },
    countRefusal(route, reason) {
      const counts = refusals.get(route) ?? new Map<Refusal, number>();
      counts.set(reason, (counts.get(reason) ?? 0) + 1);
      refusals.set(route, counts);
    },
  };
}

function outcomeOf(status: number): Outcome {
  if (status >= 500) return 'failed';
  if (status >= 400) return 'refused';
  return status >= 300 ? 'redirected' : 'answered';
}
