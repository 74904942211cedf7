/**
 * Token requests that wait for a store that does not answer, or for a limit that ends soon, before they are refused: many
 * clients drop their tokens, or open a browser, on the first 503 or 429 at a refresh, and none heeds `Retry-After`.
 */
import { type LimitName, TooOftenError } from '../http/limits.js';
import { networksOf } from '../http/networks.js';
import type { Tally } from '../metrics.js';
import { type Stores, StoreUnavailableError, UnfitStoreError } from '../stores/stores.js';

/** How often everything that waits is looked at, and the stores are asked whether they answer, in milliseconds. */
const TICK_MS = 250;

/** Between two attempts of one request it is twice as long each time, up to this, in milliseconds. */
const LONGEST_PAUSE_MS = 2_000;

/**
 * How many requests may wait at a time, for each thing that they wait for. One site (an IPv4 address, or an IPv6 /48) may
 * have a quarter of it.
 */
const PLACES = { store: 500, limit: 100 } as const;
const SITES = 4;

/**
 * The limits that clients meet which do nothing wrong. All others at this endpoint count wrong secrets, and whoever tries
 * those out is refused at once.
 */
const WAITED_FOR: ReadonlySet<LimitName> = new Set([
  'tokenPerClientAndAddress',
  'refreshPerConnection',
  'refreshPerAccount',
]);

/** What stands in the way of a request. */
type Obstacle = { readonly kind: 'store' } | { readonly kind: 'limit'; readonly seconds: number };
type Kind = Obstacle['kind'];

/** A request that waits. */
interface Waiting {
  readonly kind: Kind;
  /** When it may be tried again, and when its time is over, by `performance.now()`. */
  readonly from: number;
  readonly until: number;
  readonly wake: () => void;
}

/** Whose request it is. */
export interface Caller {
  /** The address that it came from. */
  readonly ip: string;
  /** Calls back when the client goes away before it is answered; at once when it has gone. */
  readonly whenGone: (gone: () => void) => void;
}

export interface TokenWaiting {
  /**
   * Makes an attempt, and makes it again when what stood in its way is gone. It waits `limits.tokenWait` seconds at most, and
   * not at all when a limit ends later than that, when no place is left, or when the client has gone.
   *
   * What bounds it: 500 requests wait for the stores and 100 for a limit, those of one site for a quarter of that; what
   * comes beyond them is answered at once. All that wait share one question to the stores every 250 ms, so a flood costs a
   * store in trouble nothing more. A request that fails although the stores answer is tried six times in 8 seconds.
   * @param attempt decides everything from the start, and does not repeat what an earlier attempt has written
   * @returns what the attempt returns
   * @throws what the last attempt threw
   */
  answer<T>(caller: Caller, attempt: () => Promise<T>): Promise<T>;
  /**
   * The server stops: what waits is tried a last time or refused by then.
   * @param ms from now
   */
  endWithin(ms: number): void;
}

/**
 * @param longestMs how long a request waits, in milliseconds; 0: never
 * @param tally counts those that wait
 */
export function createTokenWaiting(
  { check }: Pick<Stores, 'check'>,
  longestMs: number,
  tally: Pick<Tally, 'tokensWaitingFor'>,
): TokenWaiting {
  const waiting = new Set<Waiting>();
  const places = { store: placesFor(PLACES.store), limit: placesFor(PLACES.limit) };
  let endsAt = Number.POSITIVE_INFINITY;
  let ticking: NodeJS.Timeout | undefined;
  let checking = false;

  /** Wakes what can be tried again; without a kind, what has no more time. */
  const wakeAll = (kind?: Kind): void => {
    const now = performance.now();
    for (const entry of waiting)
      if (now >= Math.min(entry.until, endsAt) || (entry.kind === kind && now >= entry.from)) entry.wake();
  };
  const look = (): void => {
    wakeAll('limit');
    if (checking || ![...waiting].some(({ kind }) => kind === 'store')) return;
    checking = true;
    check()
      .then(
        () => wakeAll('store'),
        () => undefined,
      )
      .finally(() => {
        checking = false;
      });
  };
  /** @returns whether the client is still there */
  const woken = (caller: Caller, kind: Kind, from: number, until: number): Promise<boolean> =>
    new Promise((resolve) => {
      const end = (isThere: boolean): void => {
        waiting.delete(entry);
        if (waiting.size === 0) {
          clearInterval(ticking);
          ticking = undefined;
        }
        resolve(isThere);
      };
      const entry = { kind, from, until, wake: () => end(true) };
      waiting.add(entry);
      ticking ??= setInterval(look, TICK_MS);
      caller.whenGone(() => end(false));
    });

  return {
    async answer(caller, attempt) {
      const until = performance.now() + longestMs;
      for (let pause = TICK_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
        try {
          return await attempt();
        } catch (error) {
          const obstacle = obstacleIn(error);
          if (!obstacle) throw error;
          const { kind } = obstacle;
          const from = performance.now() + (obstacle.kind === 'limit' ? obstacle.seconds * 1_000 : pause);
          const release = from < Math.min(until, endsAt) ? places[kind].take(caller.ip) : undefined;
          if (!release) throw error;
          tally.tokensWaitingFor[kind] += 1;
          const isThere = await woken(caller, kind, from, until);
          tally.tokensWaitingFor[kind] -= 1;
          release();
          if (!isThere || performance.now() >= Math.min(until, endsAt)) throw error;
        }
      }
    },
    endWithin(ms) {
      endsAt = Math.min(endsAt, performance.now() + ms);
    },
  };
}

function obstacleIn(error: unknown): Obstacle | undefined {
  if (error instanceof TooOftenError)
    return WAITED_FOR.has(error.limit) ? { kind: 'limit', seconds: error.seconds } : undefined;
  // What is unfit stays so until an operator does something about it.
  return error instanceof StoreUnavailableError && !(error instanceof UnfitStoreError) ? { kind: 'store' } : undefined;
}

/** Places to wait in, of which one site has a quarter. */
function placesFor(most: number) {
  const sites = new Map<string, number>();
  let taken = 0;
  return {
    /** @returns what gives the place back; undefined when there is none for this address */
    take(ip: string): (() => void) | undefined {
      const site = networksOf(ip)[0].name;
      const ofSite = sites.get(site) ?? 0;
      if (taken >= most || ofSite >= most / SITES) return undefined;
      taken += 1;
      sites.set(site, ofSite + 1);
      return () => {
        taken -= 1;
        const left = (sites.get(site) ?? 1) - 1;
        if (left > 0) sites.set(site, left);
        else sites.delete(site);
      };
    },
  };
}
