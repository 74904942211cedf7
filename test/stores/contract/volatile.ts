/** What every volatile store must keep. */
import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { secretHash } from '../../../src/ids.js';
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

    test('lists the values of a group by their key hashes, those that expire last first', async () => {
      await volatile().set(codes, 'early', { n: 1 }, soon(), 'acc_1');
      await volatile().set(codes, 'late', { n: 2 }, soon() + HOUR, 'acc_1');
      await volatile().set(codes, 'other', { n: 3 }, soon(), 'acc_12');
      await volatile().set(codes, 'none', { n: 4 }, soon());
      await volatile().set(sessions, 'kind', { n: 5 }, soon(), 'acc_1');
      expect(await volatile().listGroup(codes, 'acc_1')).toEqual([
        { keyHash: secretHash('late'), value: { n: 2 } },
        { keyHash: secretHash('early'), value: { n: 1 } },
      ]);
      expect(await volatile().listGroup(codes, 'nobody')).toEqual([]);
    });

    test('lists what a value is now: written over, in another group, removed, expired', async () => {
      for (const key of ['over', 'moved', 'out', 'removed']) await volatile().set(codes, key, { n: 1 }, soon(), 'a');
      await volatile().set(codes, 'brief', { n: 1 }, Date.now() + HOUR / 2, 'a');
      await volatile().set(codes, 'over', { n: 2 }, soon() + HOUR, 'a');
      await volatile().set(codes, 'moved', { n: 3 }, soon(), 'b');
      await volatile().set(codes, 'out', { n: 4 }, soon());
      await volatile().remove(codes, 'removed');
      await later(HOUR / 2, async () => {
        expect(await volatile().listGroup(codes, 'a')).toEqual([{ keyHash: secretHash('over'), value: { n: 2 } }]);
        expect(await volatile().listGroup(codes, 'b')).toEqual([{ keyHash: secretHash('moved'), value: { n: 3 } }]);
      });
    });

    test('lists the fifty that expire last', async () => {
      for (let n = 0; n < 60; n++) await volatile().set(codes, `k${n}`, { n }, soon() + n * 1_000, 'a');
      const listed = await volatile().listGroup(codes, 'a');
      expect(listed.map(({ value }) => value.n)).toEqual(Array.from({ length: 50 }, (_, n) => 59 - n));
    });

    test('takes a value away by its group and key hash, and none of another group', async () => {
      await volatile().set(codes, 'a', { n: 1 }, soon(), 'mine');
      await volatile().set(codes, 'b', { n: 2 }, soon(), 'theirs');
      await volatile().removeFromGroup(codes, 'mine', secretHash('b'));
      await volatile().removeFromGroup(codes, 'mine', secretHash('unknown'));
      expect(await volatile().get(codes, 'b')).toEqual({ n: 2 });
      await volatile().removeFromGroup(codes, 'mine', secretHash('a'));
      expect(await volatile().get(codes, 'a')).toBeUndefined();
      expect(await volatile().listGroup(codes, 'mine')).toEqual([]);
    });

    test('sweeps expired values out of their group', async () => {
      await volatile().set(codes, 'a', { n: 1 }, Date.now() + 10, 'g');
      await new Promise((resolve) => setTimeout(resolve, 30));
      await volatile().sweep();
      expect(await volatile().listGroup(codes, 'g')).toEqual([]);
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
