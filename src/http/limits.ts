/** How often something may be tried: every limit of this server, by whom it counts, and the answer beyond it (RFC 6585 §4). */
import type { ConfigFile } from '../configFile.js';
import type { Limiter } from '../stores/limiter.js';
import type { Stores } from '../stores/stores.js';
import { HttpError } from './errors.js';
import { networksOf } from './networks.js';
import { because } from './refusal.js';

export type LimitName = keyof ConfigFile['limits']['rates'];
export interface NamedLimiter extends Limiter {
  readonly name: LimitName;
  readonly events: number;
  /**
   * A limiter of the same name and window that counts for itself.
   * @param what it counts; part of the stored key
   */
  variant(what: string, events: number): NamedLimiter;
}
export type Limits = Readonly<Record<LimitName, NamedLimiter>>;

/** Where an event counts: a limiter, and the key there. */
export type Counted = readonly [NamedLimiter, string];

/** The limits of the configuration, counted on the stores, so shared by all servers. */
export function createLimits(stores: Pick<Stores, 'limiter'>, rates: ConfigFile['limits']['rates']): Limits {
  const named = (name: LimitName, what: string, events: number): NamedLimiter => {
    const variants = new Map<string, NamedLimiter>();
    return {
      ...stores.limiter({ ...rates[name], name: name + what, events }),
      name,
      events,
      variant(of, others) {
        const made = variants.get(`${of} ${others}`) ?? named(name, `${what}/${of}`, others);
        variants.set(`${of} ${others}`, made);
        return made;
      },
    };
  };
  const names = Object.keys(rates) as LimitName[];
  return Object.fromEntries(names.map((name) => [name, named(name, '', rates[name].events)])) as Limits;
}

/** A site's part of what is everybody's: one in so many. */
const SITES = 4;

/**
 * Where an event counts that is limited by address: an IPv4 address, or the /64, /56 and /48 of an IPv6 address, which may
 * do as much, four times and sixteen times as much.
 * @param ip where it came from
 * @param of what else the limit is by, e.g. the client
 * @returns the widest first
 */
export const perAddress = (limiter: NamedLimiter, ip: string, of?: string): Counted[] =>
  networksOf(ip).map(({ name, times }) => [
    times === 1 ? limiter : limiter.variant(`x${times}`, limiter.events * times),
    of === undefined ? name : `${of} ${name}`,
  ]);

/**
 * Where an event counts when many share the limit, so that one site (an IPv4 address, or an IPv6 /48) cannot use it up: it
 * gets a quarter, though never less than two addresses may do.
 * @param of whose limit it is, e.g. an account's; empty for everybody's
 * @param ofOne what a single address may do by a limit of its own
 * @returns the widest first
 */
export function shared(limiter: NamedLimiter, ip: string, of: string, ofOne: number): Counted[] {
  const part = Math.max(2 * ofOne, Math.ceil(limiter.events / SITES));
  return [
    [limiter, of],
    [limiter.variant('site', part), `${of} ${networksOf(ip)[0].name}`],
  ];
}

/** The refusal of what comes too often: 429. */
export class TooOftenError extends HttpError {
  /**
   * @param limit the one that has no room
   * @param seconds after which it has some again
   */
  constructor(
    readonly limit: LimitName,
    readonly seconds: number,
  ) {
    super(429, 'temporarily_unavailable', `This was tried too often. Wait ${inWords(seconds)}, then try again.`, {
      whatToDo: `Wait ${inWords(seconds)}, then try again.`,
      headers: { 'Retry-After': String(seconds) },
    });
    because(`limit-${limit}`, this);
  }
}

/**
 * Counts an event against several limits. What one of them refuses leaves no record at the others and does not count
 * there: otherwise one address could use up the limit that all share, and leave a record for each key that it makes up.
 * So all are looked at before any is counted, and the widest is counted first: a narrower one only has records of events
 * that were within the wider ones. When a request in between took the last place, what was counted is given back; for that
 * moment a third request may be refused too early, but never is one too many let through.
 * @param counted the widest first
 * @throws TooOftenError with `Retry-After` when one of them is exceeded
 */
export async function within(counted: readonly Counted[]): Promise<void> {
  const refused = await refusedBy(counted);
  if (refused) throw new TooOftenError(refused.name, refused.seconds);
}

/** Like `within`, for an event that is left out without a word. */
export async function isWithin(counted: readonly Counted[]): Promise<boolean> {
  return (await refusedBy(counted)) === undefined;
}

interface Refused {
  readonly name: LimitName;
  readonly seconds: number;
}

async function refusedBy(counted: readonly Counted[]): Promise<Refused | undefined> {
  // One alone looks and counts in the same step.
  const full = counted.length > 1 ? await fullOf(counted) : undefined;
  if (full) return full;
  for (const [n, [limiter, key]] of counted.entries()) {
    const seconds = await limiter.take(key);
    if (seconds === 0) continue;
    await giveBack(counted.slice(0, n));
    return { name: limiter.name, seconds };
  }
  return undefined;
}

/** Of the limits that have no room now, the one that has none for longest. */
async function fullOf(counted: readonly Counted[]): Promise<Refused | undefined> {
  const waits = await Promise.all(counted.map(async ([{ name, wait }, key]) => ({ name, seconds: await wait(key) })));
  return waits.filter(({ seconds }) => seconds > 0).sort((one, other) => other.seconds - one.seconds)[0];
}

/**
 * The refusal that `within` would throw now, without counting: for events that count when they have happened, with `count`.
 * Of those that are under way at once a few too many may happen.
 */
export async function refusalNow(counted: readonly Counted[]): Promise<HttpError | undefined> {
  const full = await fullOf(counted);
  return full && new TooOftenError(full.name, full.seconds);
}

/** Counts an event that has happened. */
export async function count(counted: readonly Counted[]): Promise<void> {
  await Promise.all(counted.map(([limiter, key]) => limiter.take(key)));
}

/** Takes an event back from each limit where it was counted. */
export async function giveBack(counted: readonly Counted[]): Promise<void> {
  await Promise.all(counted.map(([limiter, key]) => limiter.giveBack(key)));
}

function inWords(seconds: number): string {
  if (seconds <= 90) return `${seconds} seconds`;
  return `${Math.ceil(seconds / 60)} minutes`;
}
