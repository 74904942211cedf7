/** How values look on a page, without JavaScript: the script then shows times in the reader's own locale. */
import { formatDistanceStrict } from 'date-fns/formatDistanceStrict';

const DAY_MS = 86_400_000;

const dayFormat = new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', day: 'numeric', month: 'long', year: 'numeric' });
const timeFormat = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'UTC',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});

/** A time as views take it (ISO 8601), where there is one. */
export const isoOf = (at: number | undefined): string | undefined =>
  at === undefined ? undefined : new Date(at).toISOString();

/** The day of a time in UTC, e.g. `23 December 2026`. */
export const day = (iso: string): string => dayFormat.format(new Date(iso));

/** The exact time, e.g. `23 December 2026, 11:09 UTC`. */
export const moment = (iso: string): string => `${day(iso)}, ${timeFormat.format(new Date(iso))} UTC`;

/**
 * The time until a moment, e.g. `29 days left`: in days as long as there are any, since a month has no fixed length.
 * @param until milliseconds, UTC
 */
export function timeLeft(until: number): string {
  const now = Date.now();
  return `${formatDistanceStrict(until, now, until - now >= DAY_MS ? { unit: 'day' } : {})} left`;
}

/** The letter that stands for a name on its tile. */
export const initial = (name: string): string => [...name.trim()][0]?.toUpperCase() ?? '?';

/** One of six colours, always the same for the same id. */
export function tone(id: string): number {
  let sum = 0;
  for (const char of id) sum = (sum * 31 + (char.codePointAt(0) ?? 0)) % 9973;
  return (sum % 6) + 1;
}

/** The address when it is a plain `https:` one; a client names its own address, so any other scheme is dropped. */
export function webAddress(value: string | undefined): URL | undefined {
  if (value === undefined || !URL.canParse(value)) return undefined;
  const url = new URL(value);
  return url.protocol === 'https:' ? url : undefined;
}

/** A number with its noun, e.g. `1 connection`, `1,204 connections`. */
export const counted = (count: number, noun: string): string =>
  `${count.toLocaleString('en-GB')} ${noun}${count === 1 ? '' : 's'}`;
