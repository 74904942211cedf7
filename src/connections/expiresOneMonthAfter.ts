/** How long a connection lives: one calendar month. */
import { utc } from '@date-fns/utc';
import { addMonths } from 'date-fns/addMonths';

/**
 * The same day and time of day of the next month in UTC; where that month has no such day, its last day
 * (31 January → 28 or 29 February).
 * @param consentedAt milliseconds since 1970
 * @returns milliseconds since 1970
 */
export function expiresOneMonthAfter(consentedAt: number): number {
  return addMonths(consentedAt, 1, { in: utc }).getTime();
}
