/** What every volatile store must keep. */
import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { volatileKind } from '../../../src/stores/volatile.js';
import { HOUR, type OpenStores } from './fixtures.js';
import { later, newStoresForEachTest } from './opened.js';

const sessions = volatileKind('contract-session', z.record(z.string(), z.unknown()));
const codes = volatileKind('contract-code', z.strictObject({ n: z.number() }));

/** Runs the suite on stores that `open` opens anew for each test. */
export function describeVolatileContract(name: string, open: OpenStores): void {
  describe(`${name}: the volatile store`, () => {
    const { volatile } = newStoresForEachTest(open);
    const soon = (): number => Date.now() + HOUR;

    test('knows no value that was not written', async () => {
      expect(await volatile().get(codes, 'a')).toBeUndefined();
      await volatile().remove(codes, 'a');
    });

    test('writes a value over an older one', async () => {
      await volatile().set(codes, 'a', { n: 1 }, soon());
      await volatile().set(codes, 'a', { n: 2 }, soon());
      expect(await volatile().get(codes, 'a')).toEqual({ n: 2 });
    });

    test('keeps kinds and keys apart', async () => {
      await volatile().set(codes, 'a', { n: 1 }, soon());
      await volatile().set(sessions, 'a', { s: 1 }, soon());
      await volatile().set(codes, 'A', { n: 3 }, soon());
      await volatile().remove(codes, 'a');
      expect(await volatile().get(codes, 'a')).toBeUndefined();
      expect(await volatile().get(codes, 'A')).toEqual({ n: 3 });
      expect(await volatile().get(sessions, 'a')).toEqual({ s: 1 });
    });

    test('takes keys of any length and any characters', async () => {
      const keys = ['', 'ü', 'a'.repeat(5_000), `${'a'.repeat(5_000)}b`, 'a{b}c', 'a:b', 'a\u0000'];
      for (const [n, key] of keys.entries()) await volatile().set(codes, key, { n }, soon());
      for (const [n, key] of keys.entries()) expect(await volatile().get(codes, key)).toEqual({ n });
    });

    test('returns a fresh object with each read', async () => {
      await volatile().set(sessions, 'a', { list: [1] }, soon());
      const first = await volatile().get(sessions, 'a');
      if (first) first.list = [];
      expect(await volatile().get(sessions, 'a')).toEqual({ list: [1] });
    });

    test('adds a value only where none is', async () => {
      expect(await volatile().add(codes, 'a', { n: 1 }, soon())).toBe(true);
      expect(await volatile().add(codes, 'a', { n: 2 }, soon())).toBe(false);
      expect(await volatile().get(codes, 'a')).toEqual({ n: 1 });
      await volatile().remove(codes, 'a');
      expect(await volatile().add(codes, 'a', { n: 3 }, soon())).toBe(true);
    });

    test('has one winner among 50 that add the same key, and keeps its value', async () => {
      const added = await Promise.all(Array.from({ length: 50 }, (_, n) => volatile().add(codes, 'a', { n }, soon())));
      expect(added.filter(Boolean)).toHaveLength(1);
      expect(await volatile().get(codes, 'a')).toEqual({ n: added.indexOf(true) });
    });

    test('lets a value be added where one has expired', async () => {
      await volatile().add(codes, 'a', { n: 1 }, soon());
      await later(2 * HOUR, async () => {
        expect(await volatile().add(codes, 'a', { n: 2 }, soon())).toBe(true);
        expect(await volatile().get(codes, 'a')).toEqual({ n: 2 });
      });
    });

    test('does not show a value from the moment on when it expires, without any sweep', async () => {
      const { now } = Date;
      const moment = now() + 1_000;
      await volatile().set(codes, 'a', { n: 1 }, moment);
      try {
        Date.now = () => moment - 1;
        expect(await volatile().get(codes, 'a')).toEqual({ n: 1 });
        Date.now = () => moment;
        expect(await volatile().get(codes, 'a')).toBeUndefined();
      } finally {
        Date.now = now;
      }
    });

    test('never shows a value that was written already expired', async () => {
      await volatile().set(codes, 'a', { n: 1 }, soon());
      await volatile().set(codes, 'a', { n: 2 }, Date.now() - 1);
      expect(await volatile().get(codes, 'a')).toBeUndefined();
    });

    test('sweeps nothing away whose time is not over, also where a value was prolonged', async () => {
      await volatile().set(codes, 'kept', { n: 1 }, soon());
      await volatile().set(codes, 'prolonged', { n: 2 }, Date.now() + 10);
      await volatile().set(codes, 'prolonged', { n: 3 }, soon());
      await new Promise((resolve) => setTimeout(resolve, 30));
      await volatile().sweep();
      expect(await volatile().get(codes, 'kept')).toEqual({ n: 1 });
      expect(await volatile().get(codes, 'prolonged')).toEqual({ n: 3 });
    });

    test('refuses a value that does not fit its kind and leaves the old one', async () => {
      await volatile().set(codes, 'a', { n: 1 }, soon());
      const wrong = { n: 'one' } as unknown as { n: number };
      await expect(volatile().set(codes, 'a', wrong, soon())).rejects.toThrow();
      await expect(volatile().add(codes, 'b', wrong, soon())).rejects.toThrow();
      expect(await volatile().get(codes, 'a')).toEqual({ n: 1 });
      expect(await volatile().get(codes, 'b')).toBeUndefined();
    });

    test('keeps whatever a value may hold', async () => {
      const value = {
        'a.b': 1,
        $set: '$x',
        '': [null, { '': [] }],
        unicode: 'Zoë 🤖 \u0000',
        deep: JSON.parse('{"__proto__":{"polluted":true}}') as unknown,
        large: 'x'.repeat(1_000_000),
      };
      await volatile().set(sessions, 'a', value, soon());
      const read = await volatile().get(sessions, 'a');
      expect(read).toEqual(value);
      expect(JSON.stringify(read?.deep)).toBe('{"__proto__":{"polluted":true}}');
    });
  });
}
