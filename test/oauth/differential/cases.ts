/** Introspection requests: every combination of token, state, hint, encoding, credentials and duplicates. */
import fc from 'fast-check';
import { ADMIN_API, EXCHANGER } from '../../support/signedConfig.js';
import { STATES, type State, type Tokens } from './tokens.js';

export const TOKENS = [
  'access',
  'refresh',
  'connection id',
  'changed',
  'random',
  'signed',
  'signed elsewhere',
  'absent',
  'empty',
  'not UTF-8',
] as const;
export const CREDENTIALS = [
  'Basic',
  'Basic, percent-encoded',
  'in the body',
  'both',
  'none',
  'wrong secret',
  'wrong secret in the body',
  'unknown',
  'public client',
  'confidential client',
  'server of another resource',
  'id in the body too',
  'another id in the body',
  'Bearer',
  'Basic, no colon',
  'Basic, not base64',
] as const;
export const TYPES = ['form', 'form with charset', 'FORM', 'JSON', 'text', 'absent'] as const;
export const DUPLICATES = ['none', 'token', 'token_type_hint', 'client_id', 'unknown'] as const;

export interface Case {
  readonly token: (typeof TOKENS)[number];
  readonly state: State;
  readonly hint: string | undefined;
  readonly credentials: (typeof CREDENTIALS)[number];
  readonly type: (typeof TYPES)[number];
  readonly duplicate: (typeof DUPLICATES)[number];
  /** Whether values are percent-encoded throughout, and names too. */
  readonly encoded: boolean;
  readonly text: string;
}

/** Most cases deviate in few ways, or the first deviation would hide all others. */
const mostly = <T>(usual: T, others: readonly T[]): fc.Arbitrary<T> =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...others) });

export const cases: fc.Arbitrary<Case> = fc.record({
  token: fc.oneof(
    { weight: 2, arbitrary: fc.constant('access' as const) },
    { weight: 1, arbitrary: fc.constantFrom(...TOKENS) },
  ),
  state: fc.constantFrom(...STATES),
  hint: fc.constantFrom(undefined, undefined, 'access_token', 'refresh_token', 'id_token', 'nonsense', ''),
  credentials: mostly<Case['credentials']>('Basic', CREDENTIALS),
  type: fc.oneof(
    { weight: 9, arbitrary: fc.constant('form' as const) },
    { weight: 1, arbitrary: fc.constantFrom(...TYPES) },
  ),
  duplicate: fc.oneof(
    { weight: 9, arbitrary: fc.constant('none' as const) },
    { weight: 1, arbitrary: fc.constantFrom(...DUPLICATES) },
  ),
  encoded: fc.boolean(),
  text: fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary' }),
    fc.base64String(),
    fc.constantFrom('null', '[object Object]', '../..', '%'),
  ),
});

/** What the texts of a case stand for. */
export interface Known {
  readonly tokens: Readonly<Record<State, Tokens>>;
  /** A JWT access token of the server under test. */
  readonly signed: string;
  readonly publicClient: string;
  readonly confidentialClient: { readonly id: string; readonly secret: string };
}

/** The text of a case's token; undefined when there is none. */
export function tokenOf({ token, state, text }: Case, { tokens, signed }: Known): string | undefined {
  const own = tokens[state];
  const texts: Record<Case['token'], string | undefined> = {
    access: own.access,
    refresh: own.refresh,
    'connection id': own.connection,
    changed: own.access.slice(0, -1) + (own.access.endsWith('A') ? 'B' : 'A'),
    random: text,
    signed,
    'signed elsewhere': `${signed.slice(0, signed.lastIndexOf('.') + 1)}AAAA`,
    absent: undefined,
    empty: '',
    'not UTF-8': text,
  };
  return texts[token];
}

type Authentication = { readonly header?: string; readonly fields?: Readonly<Record<string, string>> };

function authenticationOf(credentials: Case['credentials'], known: Known): Authentication {
  const { id, secret } = EXCHANGER;
  const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
  const all: Record<Case['credentials'], Authentication> = {
    Basic: { header: basic(`${id}:${secret}`) },
    'Basic, percent-encoded': { header: basic(`${id.replace('-', '%2D')}:${secret.replaceAll('-', '%2d')}`) },
    'in the body': { fields: { client_id: id, client_secret: secret } },
    both: { header: basic(`${id}:${secret}`), fields: { client_id: id, client_secret: secret } },
    none: {},
    'wrong secret': { header: basic(`${id}:${secret}x`) },
    'wrong secret in the body': { fields: { client_id: id, client_secret: 'wrong' } },
    unknown: { header: basic(`nobody:${secret}`) },
    'public client': { fields: { client_id: known.publicClient } },
    'confidential client': { header: basic(`${known.confidentialClient.id}:${known.confidentialClient.secret}`) },
    'server of another resource': { header: basic(`${ADMIN_API.id}:${ADMIN_API.secret}`) },
    'id in the body too': { header: basic(`${id}:${secret}`), fields: { client_id: id } },
    'another id in the body': { header: basic(`${id}:${secret}`), fields: { client_id: ADMIN_API.id } },
    Bearer: { header: `Bearer ${known.tokens['in order'].access}` },
    'Basic, no colon': { header: basic('nothing') },
    'Basic, not base64': { header: 'Basic !!!' },
  };
  return all[credentials];
}

const CONTENT_TYPES: Record<Case['type'], string | undefined> = {
  form: 'application/x-www-form-urlencoded',
  'form with charset': 'application/x-www-form-urlencoded; charset=utf-8',
  FORM: 'Application/X-WWW-Form-URLEncoded',
  JSON: 'application/json',
  text: 'text/plain',
  absent: undefined,
};

const everyByte = (text: string): string =>
  Array.from(Buffer.from(text), (byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');

/** The request of a case. */
export function requestOf(
  one: Case,
  known: Known,
): { readonly headers: Headers; readonly body: Uint8Array<ArrayBuffer> } {
  const token = tokenOf(one, known);
  const { header, fields = {} } = authenticationOf(one.credentials, known);
  const pairs: [string, string][] = [
    ...(token === undefined ? [] : [['token', token] as [string, string]]),
    ...(one.hint === undefined ? [] : [['token_type_hint', one.hint] as [string, string]]),
    ...Object.entries(fields),
    ...(one.duplicate === 'unknown'
      ? ([
          ['unknown', '1'],
          ['unknown', '2'],
        ] as [string, string][])
      : []),
  ];
  const twice = pairs.find(([name]) => name === one.duplicate);
  if (twice) pairs.push(twice);
  const form = one.encoded
    ? pairs.map((pair) => pair.map(everyByte).join('=')).join('&')
    : new URLSearchParams(pairs).toString();
  const headers = new Headers();
  if (header !== undefined) headers.set('authorization', header);
  const type = CONTENT_TYPES[one.type];
  if (type !== undefined) headers.set('content-type', type);
  return {
    headers,
    body: Uint8Array.from(Buffer.from(one.token === 'not UTF-8' ? `${form}&more=\xff` : form, 'latin1')),
  };
}
