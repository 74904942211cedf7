/** What an authorization code is bound to: the redirect URI that it was sent to, and the client's PKCE verifier. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { HttpError } from '../../http/errors.js';
import type { AuthorizationCode } from '../authorizationCode.js';
import type { TokenClient } from '../tokenClient.js';
import { invalidGrant } from './refusals.js';

/**
 * Demands the verifier whose SHA-256 the authorization request named (RFC 7636 §4.6).
 * @throws `invalid_grant`
 */
export function assertVerifier(code: AuthorizationCode, verifier: string): void {
  const expected = createHash('sha256').update(verifier).digest();
  const challenge = Buffer.from(code.codeChallenge, 'base64url');
  if (challenge.length !== expected.length || !timingSafeEqual(challenge, expected))
    throw invalidGrant('wrong-code-verifier', 'code_verifier does not match code_challenge (RFC 7636, section 4.6)');
}

/**
 * Demands the redirect URI that the code was sent to (RFC 6749 §4.1.3). A client that registered one and no other need
 * not name it (OAuth 2.1 §4.1.1, §10.2).
 * @param asked the request's `redirect_uri`
 * @throws `invalid_grant` for another one, `invalid_request` when it is missing and could be any of several
 */
export function assertRedirectUri(client: TokenClient, code: AuthorizationCode, asked: string | undefined): void {
  const [only, ...others] = client.redirectUris;
  if (asked === undefined && others.length > 0)
    throw new HttpError(400, 'invalid_request', 'the parameter redirect_uri is missing');
  if (code.redirectUri !== (asked ?? only))
    throw invalidGrant('wrong-redirect-uri', 'redirect_uri is not the one of the authorization request');
}
