/** Token requests are limited by client and address: a platform with many people behind one address gets far. */
import { perAddress, within } from '../../http/limits.js';
import type { ClientRequest } from '../clientRequest.js';
import type { OauthContext } from '../context.js';

/**
 * Counts a token request of an authenticated client.
 * @throws HttpError 429 with `Retry-After`
 */
export async function withinTokenLimit({ limits }: OauthContext, { client, ip }: ClientRequest): Promise<void> {
  await within(perAddress(limits.tokenPerClientAndAddress, ip, client.clientId));
}
