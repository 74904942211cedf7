/** How times are put into words. */
import { afterEach, expect, jest, test } from '@jest/globals';
import { timeLeft } from '../../src/pages/format.js';

afterEach(() => void jest.useRealTimers());

const DAY = 86_400_000;

test.each([
  ['2026-12-01', 31 * DAY, '31 days left'],
  ['2026-02-01', 28 * DAY, '28 days left'],
  ['2026-11-30', 30 * DAY - 1_000, '30 days left'],
  ['2026-11-30', 7 * DAY, '7 days left'],
  ['2026-11-30', DAY, '1 day left'],
  ['2026-11-30', DAY - 1_000, '24 hours left'],
  ['2026-11-30', 90 * 60_000, '2 hours left'],
  ['2026-11-30', 60_000, '1 minute left'],
])('On %s, %d ms are "%s"', (today, ms, words) => {
  jest.useFakeTimers({ now: new Date(`${today}T12:00:00Z`) });
  expect(timeLeft(Date.now() + ms)).toBe(words);
});
