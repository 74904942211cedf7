/** Where this server means to answer otherwise than oidc-provider, and why. */
import { decodeJwt } from 'jose';
import type { Answer } from '../../support/client.js';
import type { Case, Known } from './cases.js';

/** What counts of an answer: the status, and the claims that both give or the error. */
export interface Said {
  readonly status: number;
  readonly error?: unknown;
  readonly active?: unknown;
  readonly claims?: Readonly<Record<string, unknown>>;
}

const SHARED = ['scope', 'client_id', 'sub', 'aud', 'iss', 'exp', 'iat', 'token_type'];

/** Reads an answer. */
export function said({ status, json }: Answer): Said {
  if (json.error !== undefined) return { status, error: json.error };
  return json.active === true ? { status, active: true, claims: claimsOf(json) } : { status, active: json.active };
}

const claimsOf = (all: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(SHARED.map((name) => [name, all[name]]));

interface Difference {
  readonly what: string;
  readonly because: string;
  applies(one: Case): boolean;
  /** What this server says instead. */
  ours(one: Case, known: Known): Said;
}

const says = (status: number, error: string) => (): Said => ({ status, error });
const inactive = (): Said => ({ status: 200, active: false });

const within = <T>(one: T, ...set: readonly T[]): boolean => set.includes(one);
const repeats = ({ duplicate, ...one }: Case): boolean => {
  if (duplicate === 'token') return one.token !== 'absent';
  if (duplicate === 'token_type_hint') return one.hint !== undefined;
  if (duplicate === 'client_id') return within(one.credentials, ...WITH_ID);
  return duplicate === 'unknown';
};
const WITH_ID: readonly Case['credentials'][] = [
  'in the body',
  'both',
  'wrong secret in the body',
  'public client',
  'id in the body too',
  'another id in the body',
];
/** Whether a resource server authenticates, so that the answer is about the token. */
const isAnswered = ({ credentials }: Case): boolean =>
  within(
    credentials,
    'Basic',
    'Basic, percent-encoded',
    'in the body',
    'id in the body too',
    'server of another resource',
  );

/** In the order in which this server decides: the first that applies is the reason. */
export const differences: readonly Difference[] = [
  {
    what: 'a body of another content type is 415',
    because: 'RFC 9110 §15.5.16 has a status for it, so a developer sees what is wrong',
    applies: ({ type }) => within(type, 'JSON', 'text', 'absent'),
    ours: says(415, 'invalid_request'),
  },
  {
    what: 'a body that is not UTF-8 is refused, not repaired',
    because: 'what was sent cannot be known, and a repaired token is another one (RFC 6749 appendix B)',
    applies: ({ token }) => token === 'not UTF-8',
    ours: says(400, 'invalid_request'),
  },
  {
    what: 'any parameter that comes twice is refused, before credentials are looked at',
    because:
      'RFC 6749 §3.2 forbids it of every parameter; whether credentials are right is not to be learned on the way',
    applies: repeats,
    ours: says(400, 'invalid_request'),
  },
  {
    what: 'no credentials, or none that can be read, are 401 invalid_client',
    because: 'RFC 7662 §2.3 and RFC 6749 §5.2',
    applies: ({ credentials }) => within(credentials, 'none', 'Bearer', 'Basic, no colon', 'Basic, not base64'),
    ours: says(401, 'invalid_client'),
  },
  {
    what: 'a client that is no resource server is 401',
    because: 'docs/rules.md "Introspection": whoever holds a token must not learn whose it is',
    applies: ({ credentials }) => within(credentials, 'public client', 'confidential client'),
    ours: says(401, 'invalid_client'),
  },
  {
    what: 'a token in the shape of a JWT is looked at',
    because: 'this server issues JWT access tokens, and introspects them so that a removal holds at once',
    applies: (one) => isAnswered(one) && within(one.token, 'signed', 'signed elsewhere'),
    ours: ({ token, credentials }, { signed }) =>
      token === 'signed' && credentials !== 'server of another resource'
        ? { status: 200, active: true, claims: claimsOf({ ...decodeJwt(signed), token_type: 'Bearer' }) }
        : inactive(),
  },
  {
    what: 'a refresh token is inactive',
    because: 'docs/rules.md "Introspection": it is for this server alone, and opens nothing at a resource server',
    applies: (one) => isAnswered(one) && one.token === 'refresh',
    ours: inactive,
  },
  {
    what: 'a token of another server’s resource is inactive',
    because: 'RFC 7662 §4: a resource server learns only of tokens that are meant for it',
    applies: (one) => isAnswered(one) && one.token === 'access' && one.credentials === 'server of another resource',
    ours: inactive,
  },
  ...(
    [
      ['pending', 'rule 2: a connection has no power before its code is exchanged'],
      ['MCP access off', 'rule 3: connections are kept and rejected'],
      ['organization gone', 'rule 1: the organization exists'],
      ['membership gone', 'rule 1: the account is a member'],
      ['account gone', 'rule 1: the account is a member, and there is none'],
      ['scope gone', 'rule 7: a scope that the resource does not have any more gives nothing'],
      ['client gone', 'rule 7: a pre-registered client that is not configured any more has no power'],
    ] as const
  ).map(([state, rule]) => ({
    what: `an access token is inactive: ${state}`,
    because: `docs/rules.md ${rule}`,
    applies: (one: Case) => isAnswered(one) && one.token === 'access' && one.state === state,
    ours: inactive,
  })),
];
