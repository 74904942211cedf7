/** Why a request was refused, in a closed list of reasons: they are counted, and a count by anything else would never end. */
import type { UpstreamRefusalReason } from '../accounts/upstream/refusal.js';
import type { ConfigFile } from '../configFile.js';
import type { McpRefusal } from '../organizations/mayUseMcp.js';

/** Error codes of the specifications that answers to clients carry (RFC 6749, 6750, 7009, 7591, 8707; OpenID Connect). */
const CODES = [
  'access_denied',
  'consent_required',
  'insufficient_scope',
  'interaction_required',
  'invalid_client',
  'invalid_client_metadata',
  'invalid_grant',
  'invalid_redirect_uri',
  'invalid_request',
  'invalid_scope',
  'invalid_target',
  'invalid_token',
  'login_required',
  'temporarily_unavailable',
  'unauthorized_client',
  'unsupported_grant_type',
  'unsupported_response_type',
  'unsupported_token_type',
] as const;

/** What pages refuse. */
const PAGES = ['conflict', 'forbidden', 'not_found', 'foreign-form', 'wrong-password', 'too-busy'] as const;

/** What stands behind an `invalid_grant`, or an `invalid_client`. */
const GRANTS = [
  'unknown-code',
  'code-reused',
  'wrong-code-verifier',
  'wrong-redirect-uri',
  'unknown-refresh-token',
  'refresh-token-reused',
  'wrong-secret',
  'wrong-assertion',
] as const;

const CONSENT = [
  'consent-denied',
  'consent-over',
  'consent-answered',
  'no-organization-chosen',
  'organization-refused',
] as const;

/** The MCP access policy, and what it needs to be asked. */
const POLICY = ['connection-gone', 'account-gone', 'organization-gone', 'not-a-member', 'mcp-access-off'] as const;

/** The configuration, which may have changed since consent. */
const CONFIGURATION = ['client-gone', 'resource-gone', 'scope-gone', 'exchange-gone'] as const;

/** What the configuration does not have any more, though a connection was allowed it. */
export type ConfigurationRefusal = (typeof CONFIGURATION)[number];

export type ConnectionRefusal = 'connection-gone' | 'account-gone' | McpRefusal | ConfigurationRefusal;

export type Refusal =
  | (typeof CODES)[number]
  | (typeof PAGES)[number]
  | (typeof GRANTS)[number]
  | (typeof CONSENT)[number]
  | ConnectionRefusal
  /** An upstream sign-in; `over`: its answer came twice, too late, or to another browser. */
  | `upstream-${UpstreamRefusalReason | 'over'}`
  /** A rate limit, by its name in the configuration file. */
  | `limit-${keyof ConfigFile['limits']['rates']}`
  | 'other';

const known: ReadonlySet<unknown> = new Set([...CODES, ...PAGES, ...GRANTS, ...CONSENT, ...POLICY, ...CONFIGURATION]);
const isKnown = (reason: unknown): reason is Refusal =>
  known.has(reason) || (typeof reason === 'string' && reason.startsWith('limit-'));

/**
 * Gives an error a finer reason than its code.
 * @returns the same error
 */
export const because = <E extends Error>(reason: Refusal, error: E): E => Object.assign(error, { reason });

/** The reason of an error: the one it was given, else its code where that is in the list. */
export function refusalOf(thrown: unknown): Refusal {
  const { reason, code, error } = Object(thrown) as { reason?: unknown; code?: unknown; error?: unknown };
  return [reason, code, error].find(isKnown) ?? 'other';
}
