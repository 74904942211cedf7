/** What an error of the OpenID client library means. */
import type {
  AuthorizationResponseError,
  ClientError,
  ResponseBodyError,
  WWWAuthenticateChallengeError,
} from 'openid-client';
import { UpstreamRefusal } from './refusal.js';

/** The classes of errors, as the library is loaded late. */
interface Errors {
  readonly AuthorizationResponseError: typeof AuthorizationResponseError;
  readonly ClientError: typeof ClientError;
  readonly ResponseBodyError: typeof ResponseBodyError;
  readonly WWWAuthenticateChallengeError: typeof WWWAuthenticateChallengeError;
}

/** Codes of answers that are none of an OpenID provider that works: an error page, nothing in time. */
const NO_ANSWER = ['OAUTH_TIMEOUT', 'OAUTH_ABORT', 'OAUTH_RESPONSE_IS_NOT_CONFORM', 'OAUTH_RESPONSE_IS_NOT_JSON'];

/** Errors of the token endpoint that say something about this server's registration there (RFC 6749 §5.2). */
const NOT_ACCEPTED = ['invalid_client', 'unauthorized_client', 'unsupported_grant_type', 'invalid_scope'];

/**
 * The refusal that an error comes to; its message holds codes only, since the library's errors quote tokens and claims.
 * @param error whatever the library threw
 */
export function refusalOf(error: unknown, errors: Errors): UpstreamRefusal {
  if (error instanceof UpstreamRefusal) return error;
  if (error instanceof errors.AuthorizationResponseError) {
    const reason = ['invalid_scope', 'unauthorized_client', 'invalid_request'].includes(error.error)
      ? 'misconfigured'
      : ['server_error', 'temporarily_unavailable'].includes(error.error)
        ? 'unreachable'
        : 'denied';
    return new UpstreamRefusal(reason, `The upstream answered ${shortened(error.error)}.`);
  }
  if (error instanceof errors.ResponseBodyError) {
    const reason = NOT_ACCEPTED.includes(error.error) ? 'misconfigured' : 'unexpected';
    return new UpstreamRefusal(reason, `The upstream's token endpoint answered ${shortened(error.error)}.`);
  }
  if (error instanceof errors.WWWAuthenticateChallengeError) {
    // RFC 6749 §5.2: how a token endpoint refuses a client that used Basic. UserInfo asks for another access token.
    const reason = error.cause.every(({ scheme }) => scheme === 'bearer') ? 'unexpected' : 'misconfigured';
    const schemes = error.cause.map(({ scheme }) => scheme).join(', ');
    return new UpstreamRefusal(reason, `The upstream answered ${error.status} and asked for ${shortened(schemes)}.`);
  }
  // What fetch throws when there is no connection.
  if (error instanceof TypeError || !(error instanceof errors.ClientError))
    return new UpstreamRefusal('unreachable', `The upstream did not answer: ${connectionError(error)}.`);
  const code = error.code ?? connectionError(error.cause);
  const reason = error.code === undefined || NO_ANSWER.includes(error.code) ? 'unreachable' : 'unexpected';
  return new UpstreamRefusal(reason, `The upstream's answer could not be used: ${error.message} (${code}).`);
}

const shortened = (text: string): string => JSON.stringify(text.slice(0, 100));

function connectionError(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  const { code } = (cause instanceof Error ? cause : error) as NodeJS.ErrnoException;
  return code ?? (error instanceof Error ? error.message : 'no reason given');
}
