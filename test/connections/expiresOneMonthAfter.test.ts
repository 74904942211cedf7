import { describe, expect, test } from '@jest/globals';
import { expiresOneMonthAfter } from '../../src/connections/expiresOneMonthAfter.js';

const endAfter = (iso: string): string => new Date(expiresOneMonthAfter(Date.parse(iso))).toISOString();

describe('A connection expires one calendar month after consent, at the same time of day in UTC', () => {
  test.each([
    ['on the same day of the next month', '2026-11-23T11:09:12.345Z', '2026-12-23T11:09:12.345Z'],
    ['across the turn of the year', '2026-12-15T00:00:00.000Z', '2027-01-15T00:00:00.000Z'],
    ['31 January → 28 February in a common year', '2027-01-31T23:59:59.999Z', '2027-02-28T23:59:59.999Z'],
    ['31 January → 29 February in a leap year', '2028-01-31T12:00:00.000Z', '2028-02-29T12:00:00.000Z'],
    ['30 January → 28 February', '2027-01-30T06:30:00.000Z', '2027-02-28T06:30:00.000Z'],
    ['29 January → 28 February in a common year', '2027-01-29T06:30:00.000Z', '2027-02-28T06:30:00.000Z'],
    ['28 February → 28 March', '2027-02-28T08:00:00.000Z', '2027-03-28T08:00:00.000Z'],
    ['29 February → 29 March', '2028-02-29T08:00:00.000Z', '2028-03-29T08:00:00.000Z'],
    ['31 March → 30 April', '2027-03-31T01:30:00.000Z', '2027-04-30T01:30:00.000Z'],
    ['31 July → 31 August', '2027-07-31T08:00:00.000Z', '2027-08-31T08:00:00.000Z'],
    ['31 December → 31 January', '2027-12-31T08:00:00.000Z', '2028-01-31T08:00:00.000Z'],
    ['century that is no leap year: 31 January 2100', '2100-01-31T08:00:00.000Z', '2100-02-28T08:00:00.000Z'],
  ])('%s', (_name, consent, end) => {
    expect(endAfter(consent)).toBe(end);
  });

  test('whatever the time zone of the server and its daylight saving', () => {
    const zone = process.env.TZ;
    try {
      for (const TZ of ['America/New_York', 'Pacific/Kiritimati', 'Europe/Berlin']) {
        process.env.TZ = TZ;
        expect(endAfter('2027-02-28T23:30:00.000Z')).toBe('2027-03-28T23:30:00.000Z');
        expect(endAfter('2027-10-31T00:30:00.000Z')).toBe('2027-11-30T00:30:00.000Z');
      }
    } finally {
      if (zone === undefined) delete process.env.TZ;
      else process.env.TZ = zone;
    }
  });
});
