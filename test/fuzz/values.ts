/** Values that no honest client sends, and honest ones with something wrong in them. */
import fc from 'fast-check';

/** True once in n + 1 cases. */
export const rarely = (n: number): fc.Arbitrary<boolean> => fc.nat({ max: n }).map((one) => one === 0);

const ODD = [
  '',
  ' ',
  '0',
  '-1',
  '1e309',
  'NaN',
  'true',
  'null',
  'undefined',
  '[]',
  '{}',
  '{"$gt":""}',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '../../../../etc/passwd',
  '..%2f..%2f',
  '%00',
  '\0',
  '\r\nSet-Cookie: a=b',
  '<script>alert(1)</script>',
  '"><img src=x>',
  '<%= process.env %>',
  "' OR 1=1 --",
  '//evil.example/',
  '/\\evil.example',
  'https://evil.example/',
  'javascript:alert(1)',
  'data:text/html,x',
  'http://[::1',
  'http://0x7f000001/',
  'https://169.254.169.254/latest/meta-data',
  'https://client.example/%2e%2e/doc',
  'ﬃ',
  'İ@example.com',
  'ada@example.com\u200b',
  '\u202eevil',
  '\ud800',
  '\uffff',
  '😀'.repeat(50),
  'a'.repeat(255),
  'a'.repeat(2_001),
  'a.'.repeat(1_000),
  '%',
  '%zz',
  '99999999999999999999',
  '1795000000000.con_x',
  '2038-01-19T03:14:08Z',
  'openid openid openid',
  ' '.repeat(3_000),
];

/** What is wrong with an honest value. */
const broken = (value: string): fc.Arbitrary<string> =>
  fc.oneof(
    fc.nat({ max: Math.max(0, value.length - 1) }).map((n) => value.slice(0, n)),
    fc
      .nat({ max: value.length })
      .chain((n) => fc.string({ unit: 'binary', maxLength: 3 }).map((odd) => value.slice(0, n) + odd + value.slice(n))),
    fc.constantFrom(
      value.toUpperCase(),
      value.repeat(2),
      `${value} `,
      ` ${value}`,
      `${value}\0`,
      [...value].reverse().join(''),
    ),
  );

/**
 * A value for a parameter.
 * @param honest what belongs there
 */
export const valueLike = (honest: string): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 6, arbitrary: fc.constant(honest) },
    { weight: 2, arbitrary: broken(honest) },
    { weight: 2, arbitrary: fc.constantFrom(...ODD) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
  );

/** A name that no form has. */
export const oddName: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    '__proto__',
    'constructor',
    'a[$ne]',
    'a[]',
    'a.b',
    '$where',
    '',
    'csrf_token',
    'client_id',
    'resource',
    'scope',
  ),
  fc.string({ maxLength: 12 }),
);
