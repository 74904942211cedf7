/** The id_token of a code exchange (OpenID Connect Core §3.1.3.3), where the scope asks for one. */
import type { KoaContextWithOIDC } from 'oidc-provider';
import type { Connection } from '../../stores/records/connection.js';

/**
 * Issues an id_token when `openid` was granted. Name and email stand in /userinfo, as Core §5.4 has it.
 * @param request the authorization request's nonce, and when the person gave the password (seconds since 1970)
 * @returns the signed token, or undefined without `openid`
 */
export async function issueIdToken(
  ctx: KoaContextWithOIDC,
  connection: Connection,
  request: { nonce?: string | undefined; authTime?: number | undefined },
): Promise<string | undefined> {
  if (!connection.scope.split(' ').includes('openid')) return undefined;
  const token = new ctx.oidc.provider.IdToken({ sub: connection.accountId }, { ctx });
  // The library filters the claims above by this scope; its type declarations leave the field out.
  Object.assign(token, { scope: 'openid' });
  token.set('nonce', request.nonce);
  // 0 stands for an upstream that does not say when.
  token.set('auth_time', request.authTime || undefined);
  return token.issue({ use: 'idtoken' });
}
