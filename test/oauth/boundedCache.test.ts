/** The memory that caches take is bounded by what is in them, however often it is replaced or taken away. */
import { expect, test } from '@jest/globals';
import { BoundedCache } from '../../src/boundedCache.js';

const value = (name: string, bytes: number) => ({ name, bytes });

test('values are kept as long as all together are no more than allowed; then the new one alone is', () => {
  const cache = new BoundedCache<ReturnType<typeof value>>(100);
  cache.set('a', value('a', 60));
  cache.set('b', value('b', 40));
  expect([cache.get('a')?.name, cache.get('b')?.name]).toEqual(['a', 'b']);
  cache.set('c', value('c', 1));
  expect([cache.get('a'), cache.get('b'), cache.get('c')?.name]).toEqual([undefined, undefined, 'c']);
});

test('a value that takes the place of another counts in its place, and one that was taken away not at all', () => {
  const cache = new BoundedCache<ReturnType<typeof value>>(100);
  cache.set('a', value('first', 50));
  for (let n = 0; n < 10; n += 1) cache.set('b', value(`b${n}`, 50));
  expect([cache.get('a')?.name, cache.get('b')?.name]).toEqual(['first', 'b9']);
  cache.delete('b');
  cache.delete('b');
  cache.set('c', value('c', 50));
  expect([cache.get('a')?.name, cache.get('b'), cache.get('c')?.name]).toEqual(['first', undefined, 'c']);
});
