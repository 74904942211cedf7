/** The id_token of a code exchange (OpenID Connect Core §3.1.3.3), where the scope asks for one. */
import { createHash } from 'node:crypto';
import type { Connection } from '../../stores/records/connection.js';
import type { AuthorizationCode } from '../authorizationCode.js';
import type { OauthContext } from '../context.js';

/** How long an id_token may be believed, in seconds. */
const ID_TOKEN_TTL = 3_600;

/**
 * A new id_token when `openid` was granted. Name and email stand in /userinfo, as Core §5.4 has it.
 * @param code the authorization: its nonce, and when the person gave the password
 * @param accessToken what is issued beside it
 * @returns the signed token, or undefined without `openid`
 */
export function newIdToken(
  { signer }: OauthContext,
  connection: Connection,
  { nonce, authTime }: Pick<AuthorizationCode, 'nonce' | 'authTime'>,
  accessToken: string,
): string | undefined {
  if (!connection.scope.split(' ').includes('openid')) return undefined;
  const iat = Math.floor(Date.now() / 1_000);
  return signer.signIdToken({
    sub: connection.accountId,
    aud: connection.clientId,
    iat,
    exp: iat + ID_TOKEN_TTL,
    ...(nonce === undefined ? {} : { nonce }),
    // 0 stands for an upstream that does not say when.
    ...(authTime ? { auth_time: authTime } : {}),
    at_hash: leftHalfHash(accessToken),
  });
}

/** How an id_token names the access token beside it (Core §3.1.3.6). */
const leftHalfHash = (value: string): string =>
  createHash('sha256').update(value).digest().subarray(0, 16).toString('base64url');
