/** The secret of an admin client at the token endpoint: wrong ones are limited by address. */
import Provider from 'oidc-provider';
import { countedAddress } from '../http/countedAddress.js';
import type { OauthContext } from './context.js';
import { withinLimit } from './grants/tokenLimit.js';

/**
 * Whether this is a secret of this admin client. A right one is never refused: others behind the same address must not
 * be able to keep the operator's backend out, and a secret of at least 32 random characters is not guessed.
 * @throws an OAuth error with status 429 for a wrong one, after too many from the same address
 */
export async function adminSecretIsRight(oauth: OauthContext, clientId: string, secret: string): Promise<boolean> {
  if (oauth.adminClients.authenticate(clientId, secret)) return true;
  const { ctx } = Provider;
  if (ctx) await withinLimit(ctx, oauth.limits.adminFailuresPerAddress, countedAddress(ctx.state.ip));
  return false;
}
