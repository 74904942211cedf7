/** Headers in the shape of real ones, in which anything may be wrong. */
import fc from 'fast-check';
import type { Endpoint } from './endpoint.js';
import type { Field } from './fields.js';
import type { Known } from './known.js';
import { valueLike } from './values.js';

const BASIC = `Basic ${Buffer.from('demo-mcp-server:demo-mcp-server-secret').toString('base64')}`;

/** One of the values, or none. */
const header = (name: string, ...values: string[]): fc.Arbitrary<Field[]> =>
  fc.constantFrom<Field[]>(...values.map((value): Field[] => [[name, value]]), []);

/** Mostly right, when it decides whether anything else is looked at. */
const mostly = (name: string, honest: string): fc.Arbitrary<Field[]> =>
  fc.oneof(
    { weight: 9, arbitrary: fc.constant<Field[]>([[name, honest]]) },
    { weight: 1, arbitrary: valueLike(honest).map((value): Field[] => [[name, value]]) },
  );

const authorization = (known: Known, admin: boolean): fc.Arbitrary<Field[]> =>
  admin
    ? mostly('authorization', `Bearer ${known.adminToken}`)
    : fc.oneof(
        header('authorization', BASIC, `Bearer ${known.accessToken}`),
        valueLike(BASIC).map((value): Field[] => [['authorization', value]]),
      );

const site = fc.oneof(
  { weight: 9, arbitrary: header('sec-fetch-site', 'same-origin', 'none') },
  { weight: 1, arbitrary: header('sec-fetch-site', 'cross-site', 'same-site', 'x') },
);

const odd = fc
  .tuple(
    fc.constantFrom(
      'x-http-method-override',
      'range',
      'if-none-match',
      'upgrade',
      'expect',
      'te',
      'origin',
      'accept-language',
    ),
    valueLike('*'),
  )
  .map(([name, value]): Field[] => [[name, value]]);

/** What an HTTP library lets through in a header; raw sockets send the rest. */
const sendable = (value: string): string => value.replace(/[^\t\x20-\x7e\x80-\xff]/g, '').trim();

/** @param contentType of the body, when there is one */
export const headersOf = (
  known: Known,
  { sender = 'owner', admin = false }: Endpoint,
  contentType: string | undefined,
): fc.Arbitrary<Field[]> =>
  fc
    .tuple(
      mostly('cookie', known.sessions[sender].cookies),
      authorization(known, admin),
      header('accept', 'text/html', 'application/json', '*/*', ';;;', 'text/html;q=x'),
      site,
      fc.oneof({ weight: 3, arbitrary: fc.constant<Field[]>([]) }, { weight: 1, arbitrary: odd }),
      contentType === undefined ? fc.constant<Field[]>([]) : mostly('content-type', contentType),
    )
    .map((groups) => groups.flat().map(([name, value]): Field => [name, sendable(value)]));
