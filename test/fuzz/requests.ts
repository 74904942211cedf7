/** Requests in the shape of real ones, in which anything may be wrong. */
import fc from 'fast-check';
import { type Endpoint, nameOf } from './endpoint.js';
import { endpoints } from './endpoints.js';
import { csrfLike, encoded, type Field, fieldsLike, urlencoded } from './fields.js';
import { headersOf } from './headers.js';
import { jsonLike } from './json.js';
import type { Known } from './known.js';
import { valueLike } from './values.js';

export interface FuzzRequest {
  /** The name of the endpoint. */
  readonly to: string;
  readonly method: string;
  readonly target: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Buffer | undefined;
}

const FORM = 'application/x-www-form-urlencoded';
const JSON_TYPE = 'application/json';
const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS', 'TRACE', 'PROPFIND'];
/** Posted by clients, which have no form. */
const WITHOUT_FORM = /^(\/alias)?\/(token|introspect|revoke|userinfo|authorize)/;

const targetOf = (known: Known, path: string): fc.Arbitrary<string> => {
  const parts = path
    .split('/')
    .slice(1)
    .map((part) => {
      if (!part.startsWith(':')) return fc.constant(part);
      const honest = String(known[part.slice(1) as keyof Known]);
      return fc.oneof(
        { weight: 6, arbitrary: fc.constant(honest) },
        { weight: 1, arbitrary: valueLike(honest).map(encoded) },
      );
    });
  const odd = fc.oneof(
    { weight: 15, arbitrary: fc.constant('') },
    { weight: 1, arbitrary: fc.constantFrom('/', '//', '/..', '/%2e%2e', '%00', '%ff', ';x', '.json', '%2f') },
  );
  return fc.tuple(fc.tuple(...parts), odd).map(([own, more]) => `/${own.join('/')}${more}`);
};

/** The body of a request, or none. */
const bodyOf = (known: Known, { method, path, fields, json, sender = 'owner' }: Endpoint): fc.Arbitrary<string> => {
  if (json) return jsonLike(json);
  if (method !== 'POST') return fc.constant('');
  const csrf = WITHOUT_FORM.test(path) ? fc.constant<Field[]>([]) : csrfLike(known.sessions[sender].csrf);
  return fc.tuple(csrf, fieldsLike(fields)).map(([token, own]) => urlencoded([...token, ...own]));
};

const requestTo = (known: Known, endpoint: Endpoint): fc.Arbitrary<FuzzRequest> => {
  const { method, fields, json } = endpoint;
  const inBody = json !== undefined || method === 'POST';
  const verb = fc.oneof(
    { weight: 15, arbitrary: fc.constant<string>(method) },
    { weight: 1, arbitrary: fc.constantFrom(...METHODS) },
  );
  const query = inBody ? fc.constant<Field[]>([]) : fieldsLike(fields);
  return fc
    .record({
      method: verb,
      path: targetOf(known, endpoint.path),
      query,
      headers: headersOf(known, endpoint, inBody ? (json ? JSON_TYPE : FORM) : undefined),
      body: bodyOf(known, endpoint),
    })
    .map(({ method: sent, path, query: own, headers, body }) => ({
      to: nameOf(endpoint),
      method: sent,
      target: own.length === 0 ? path : `${path}?${urlencoded(own)}`,
      headers,
      body: inBody ? Buffer.from(body) : undefined,
    }));
};

/** @param known what the attacker has got hold of */
export const fuzzRequests = (known: Known): fc.Arbitrary<FuzzRequest> =>
  fc.oneof(...endpoints(known).map((endpoint) => requestTo(known, endpoint)));
