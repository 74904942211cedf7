/** Forms and queries in the shape of real ones, in which anything may be wrong. */
import fc from 'fast-check';
import { oddName, rarely, valueLike } from './values.js';

export type Field = readonly [string, string];

/** Percent-encoding of any string; what has no UTF-8 is sent as bytes that are none. */
export const encoded = (text: string): string => {
  try {
    return encodeURIComponent(text);
  } catch {
    return '%ff%fe';
  }
};

export const urlencoded = (fields: readonly Field[]): string =>
  fields.map(([name, value]) => `${encoded(name)}=${encoded(value)}`).join('&');

const fieldLike = (name: string, value: string): fc.Arbitrary<Field[]> =>
  fc.tuple(rarely(9), rarely(30), valueLike(value)).map(([left, twice, text]): Field[] => {
    if (left) return [];
    return twice
      ? [
          [name, text],
          [name, value],
        ]
      : [[name, text]];
  });

/** Fields of which one, or any of them, may be left out, come twice or have a value that may be wrong; and odd ones. */
export const fieldsLike = (honest: Readonly<Record<string, string>>): fc.Arbitrary<Field[]> => {
  const known = Object.entries(honest);
  const all = fc.tuple(...known.map(([name, value]) => fieldLike(name, value)));
  const one = fc
    .tuple(fc.nat({ max: Math.max(0, known.length - 1) }), all)
    .map(([n, fields]) => fields.map((field, at): Field[] => (at === n ? field : [known[at] as Field])));
  const odd = fc.array(fc.tuple(oddName, fc.string({ unit: 'binary', maxLength: 20 })), { maxLength: 1 });
  return fc
    .tuple(fc.oneof(one, all), fc.tuple(rarely(9), odd))
    .map(([own, [add, more]]) => [...own.flat(), ...(add ? more : [])]);
};

/** The token of a form: mostly right, or nothing of the form is read. */
export const csrfLike = (token: string): fc.Arbitrary<Field[]> =>
  fc.oneof(
    { weight: 12, arbitrary: fc.constant<Field[]>([['csrf_token', token]]) },
    { weight: 1, arbitrary: valueLike(token).map((value): Field[] => [['csrf_token', value]]) },
    { weight: 1, arbitrary: fc.constant<Field[]>([]) },
  );
