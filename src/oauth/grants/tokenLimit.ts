/** Token requests are limited by client and address: a platform with many people behind one address gets far. */
import { errors, type KoaContextWithOIDC } from 'oidc-provider';
import { countedAddress } from '../../http/countedAddress.js';
import type { NamedLimiter } from '../../http/limits.js';
import { because } from '../../http/refusal.js';
import type { OauthContext } from '../context.js';

/**
 * Counts a token request of the authenticated client.
 * @throws an OAuth error with status 429, and `Retry-After` is set
 */
export async function withinTokenLimit(oauth: OauthContext, ctx: KoaContextWithOIDC): Promise<void> {
  const key = `${ctx.oidc.client?.clientId} ${countedAddress(ctx.state.ip)}`;
  await withinLimit(ctx, oauth.limits.tokenPerClientAndAddress, key);
}

/**
 * Counts an event of a request to the token endpoint.
 * @param key whose event it is
 * @throws an OAuth error with status 429, and `Retry-After` is set
 */
export async function withinLimit(ctx: KoaContextWithOIDC, limiter: NamedLimiter, key: string): Promise<void> {
  const seconds = await limiter.take(key);
  if (seconds === 0) return;
  ctx.set('Retry-After', String(seconds));
  const refusal = new errors.CustomOIDCProviderError('temporarily_unavailable', `wait ${seconds} seconds`);
  throw because(`limit-${limiter.name}`, Object.assign(refusal, { status: 429, statusCode: 429 }));
}
