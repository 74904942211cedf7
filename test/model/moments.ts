/** Moments of the model, in milliseconds. */

export const SECOND = 1_000;
export const DAY = 86_400 * SECOND;

/** Rule 2: the same day of the next month, or that month's last day. */
export function oneMonthAfter(time: number): number {
  const date = new Date(time);
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
  const lastDay = new Date(Date.UTC(year, month + 2, 0)).getUTCDate();
  return Date.UTC(year, month + 1, Math.min(day, lastDay)) + (time % DAY);
}
