/** JSON bodies in the shape of real ones, in which anything may be wrong. */
import fc from 'fast-check';
import { oddName, rarely, valueLike } from './values.js';

const anything = fc.jsonValue({ maxDepth: 3 });

/** A value like this one, at any depth: of another type, with members left out, added or repeated. */
const like = (honest: unknown): fc.Arbitrary<unknown> => {
  const shaped = Array.isArray(honest)
    ? arrayLike(honest)
    : typeof honest === 'object' && honest !== null
      ? objectLike(honest)
      : typeof honest === 'string'
        ? valueLike(honest)
        : fc.constant(honest);
  return fc.oneof({ weight: 12, arbitrary: shaped }, { weight: 1, arbitrary: anything });
};

const arrayLike = (honest: readonly unknown[]): fc.Arbitrary<unknown> =>
  fc
    .tuple(fc.subarray(honest.map((_, n) => n)), fc.tuple(...honest.map(like)), fc.nat({ max: 3 }))
    .map(([kept, items, times]) => {
      const own = kept.map((n) => items[n]);
      return times === 0 ? [...own, ...own] : own;
    });

const objectLike = (honest: object): fc.Arbitrary<unknown> => {
  const known = Object.entries(honest);
  const members = fc.tuple(
    ...known.map(([name, value]) =>
      fc.tuple(rarely(12), like(value)).map(([left, one]): [string, unknown][] => (left ? [] : [[name, one]])),
    ),
  );
  // One of them is wrong, or any.
  const one = fc
    .tuple(fc.nat({ max: Math.max(0, known.length - 1) }), members)
    .map(([n, all]) => all.map((member, at) => (at === n ? member : known.slice(at, at + 1))));
  const odd = fc.tuple(rarely(12), oddName, anything).map(([add, name, value]) => (add ? [[name, value]] : []));
  return fc
    .tuple(fc.oneof(one, members), odd)
    .map(([own, more]) => Object.fromEntries([...own.flat(), ...more] as [string, unknown][]));
};

/** @param honest what belongs there */
export const jsonLike = (honest: Readonly<Record<string, unknown>>): fc.Arbitrary<string> => {
  const text = JSON.stringify(honest);
  return fc.oneof(
    { weight: 20, arbitrary: objectLike(honest).map((one) => JSON.stringify(one)) },
    { weight: 1, arbitrary: fc.nat({ max: text.length }).map((n) => text.slice(0, n)) },
    { weight: 1, arbitrary: fc.json({ maxDepth: 6 }) },
    { weight: 1, arbitrary: fc.nat({ max: 2_000 }).map((n) => '['.repeat(n) + ']'.repeat(n)) },
    { weight: 1, arbitrary: fc.constant(text.replace('{', '{"__proto__":{"admin":true},')) },
  );
};
