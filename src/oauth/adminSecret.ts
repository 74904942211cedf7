/** The secret of an admin client at the token endpoint: wrong ones are limited by address. */
import { perAddress, within } from '../http/limits.js';
import type { OauthContext } from './context.js';

/**
 * Whether this is a secret of this admin client. A right one is never refused: others behind the same address must not
 * be able to keep the operator's backend out, and a secret of at least 32 random characters is not guessed.
 * @param ip the address that presents it
 * @throws HttpError 429 for a wrong one, after too many from the same address
 */
export async function adminSecretIsRight(
  { adminClients, limits }: OauthContext,
  clientId: string,
  secret: string,
  ip: string,
): Promise<boolean> {
  if (adminClients.secrets.digestOf(clientId, secret)) return true;
  await within(perAddress(limits.adminFailuresPerAddress, ip));
  return false;
}
