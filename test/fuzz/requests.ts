/** Requests in the shape of real ones, in which anything may be wrong. */
import fc from 'fast-check';
import { type Endpoint, endpoints } from './endpoints.js';
import type { Known } from './known.js';
import { oddName, valueLike } from './values.js';

export interface FuzzRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Buffer | undefined;
}

type Field = readonly [string, string];

const FORM = 'application/x-www-form-urlencoded';
const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS', 'TRACE', 'PROPFIND'];
const rarely = (n: number): fc.Arbitrary<boolean> => fc.nat({ max: n }).map((one) => one === 0);

/** Percent-encoding of any string; what has no UTF-8 is sent as bytes that are none. */
const encoded = (text: string): string => {
  try {
    return encodeURIComponent(text);
  } catch {
    return '%ff%fe';
  }
};

const urlencoded = (fields: readonly Field[]): string =>
  fields.map(([name, value]) => `${encoded(name)}=${encoded(value)}`).join('&');

/** Fields with some left out, some twice, some odd ones, and values that may be wrong. */
const fieldsLike = (honest: Readonly<Record<string, string>>): fc.Arbitrary<Field[]> => {
  const known = Object.entries(honest).map(([name, value]) =>
    fc.tuple(rarely(9), rarely(30), valueLike(value)).map(([left, twice, text]): Field[] =>
      left
        ? []
        : twice
          ? [
              [name, text],
              [name, value],
            ]
          : [[name, text]],
    ),
  );
  const odd = fc.array(fc.tuple(oddName, fc.string({ unit: 'binary', maxLength: 20 })), { maxLength: 1 });
  return fc
    .tuple(fc.tuple(...known), fc.tuple(rarely(5), odd))
    .map(([own, [add, more]]) => [...own.flat(), ...(add ? more : [])]);
};

const jsonLike = (fields: readonly Field[]): fc.Arbitrary<string> => {
  const names = fields.map(([name]) => name);
  const plain = Object.fromEntries(fields.map(([name, value]) => [name, name.endsWith('s') ? [value] : value]));
  const odd = fc.tuple(fc.constantFrom(...names, 'x', '__proto__'), fc.jsonValue({ maxDepth: 3 }));
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant(JSON.stringify(plain)) },
    { weight: 3, arbitrary: odd.map(([name, value]) => JSON.stringify({ ...plain, [name]: value })) },
    { weight: 1, arbitrary: fc.nat({ max: 80 }).map((n) => JSON.stringify(plain).slice(0, n)) },
    { weight: 1, arbitrary: fc.json({ maxDepth: 6 }) },
    { weight: 1, arbitrary: fc.nat({ max: 2_000 }).map((n) => '['.repeat(n) + ']'.repeat(n)) },
  );
};

const headersOf = (known: Known, contentType: string | undefined): fc.Arbitrary<Field[]> => {
  const basic = `Basic ${Buffer.from('demo-mcp-server:demo-mcp-server-secret').toString('base64')}`;
  const header = (name: string, ...values: string[]) =>
    fc.constantFrom<Field[]>(...values.map((value): Field[] => [[name, value]]), []);
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
  return fc
    .tuple(
      fc.oneof(
        { weight: 3, arbitrary: fc.constant<Field[]>([['cookie', known.cookies]]) },
        { weight: 1, arbitrary: valueLike(known.cookies).map((v): Field[] => [['cookie', v]]) },
      ),
      fc.oneof(
        header('authorization', basic, `Bearer ${known.accessToken}`),
        valueLike(basic).map((v): Field[] => [['authorization', v]]),
      ),
      header('accept', 'text/html', 'application/json', '*/*', ';;;', 'text/html;q=x'),
      header('sec-fetch-site', 'same-origin', 'same-origin', 'none', 'cross-site'),
      fc.oneof({ weight: 3, arbitrary: fc.constant<Field[]>([]) }, { weight: 1, arbitrary: odd }),
      contentType === undefined
        ? fc.constant<Field[]>([])
        : fc.oneof(
            { weight: 8, arbitrary: fc.constant<Field[]>([['content-type', contentType]]) },
            { weight: 1, arbitrary: valueLike(contentType).map((v): Field[] => [['content-type', v]]) },
          ),
    )
    .map((groups) => groups.flat().map(([name, value]): Field => [name, sendable(value)]));
};

/** What an HTTP library lets through in a header; raw sockets send the rest. */
const sendable = (value: string): string => value.replace(/[^\t\x20-\x7e\x80-\xff]/g, '').trim();

const targetOf = (known: Known, path: string): fc.Arbitrary<string> => {
  const parts = path
    .split('/')
    .slice(1)
    .map((part) => {
      if (!part.startsWith(':')) return fc.constant(part);
      const honest = known[part.slice(1) as keyof Known];
      return fc.oneof(
        { weight: 4, arbitrary: fc.constant(honest) },
        { weight: 1, arbitrary: valueLike(honest).map(encoded) },
      );
    });
  const odd = fc.oneof(
    { weight: 15, arbitrary: fc.constant('') },
    { weight: 1, arbitrary: fc.constantFrom('/', '//', '/..', '/%2e%2e', '%00', '%ff', ';x', '.json', '%2f') },
  );
  return fc.tuple(fc.tuple(...parts), odd).map(([own, more]) => `/${own.join('/')}${more}`);
};

const requestTo = (known: Known, endpoint: Endpoint): fc.Arbitrary<FuzzRequest> => {
  const isPage =
    endpoint.method === 'POST' &&
    endpoint.format === undefined &&
    !/^\/(token|introspect|revoke|userinfo|authorize)/.test(endpoint.path);
  const fields = isPage ? { csrf_token: known.csrf, ...endpoint.fields } : endpoint.fields;
  const method = fc.oneof(
    { weight: 15, arbitrary: fc.constant(endpoint.method) },
    { weight: 1, arbitrary: fc.constantFrom(...METHODS) },
  );
  return fc
    .tuple(method, targetOf(known, endpoint.path), fieldsLike(fields))
    .chain(([verb, path, own]): fc.Arbitrary<FuzzRequest> => {
      if (endpoint.method === 'GET') {
        const target = own.length === 0 ? path : `${path}?${urlencoded(own)}`;
        return headersOf(known, undefined).map((headers) => ({ method: verb, target, headers, body: undefined }));
      }
      const json = endpoint.format === 'json';
      const body = json ? jsonLike(own) : fc.constant(urlencoded(own));
      return fc
        .tuple(body, headersOf(known, json ? 'application/json' : FORM))
        .map(([text, headers]) => ({ method: verb, target: path, headers, body: Buffer.from(text) }));
    });
};

/** @param known what the attacker has got hold of */
export const fuzzRequests = (known: Known): fc.Arbitrary<FuzzRequest> =>
  fc.oneof(...endpoints(known).map((endpoint) => requestTo(known, endpoint)));
