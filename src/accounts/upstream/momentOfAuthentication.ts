/** When somebody authenticated at the upstream, and whether that is recent enough for what the sign-in is for. */
import type { UpstreamIdentity } from './identity.js';
import type { Purpose } from './pendingSignIn.js';
import { UpstreamRefusal } from './refusal.js';

/** Clocks differ: so much earlier than demanded (milliseconds) an authentication may seem to have been. */
const CLOCK_TOLERANCE_MS = 30_000;

/**
 * The moment of the authentication (OpenID Connect Core §2, `auth_time`).
 * @returns milliseconds, UTC; 0 when the upstream does not say and nothing is demanded
 * @throws UpstreamRefusal `stale` when it is not recent enough, or when that cannot be known
 */
export function momentOfAuthentication(
  { authenticatedAt = 0 }: Pick<UpstreamIdentity, 'authenticatedAt'>,
  { since }: Pick<Purpose, 'since'>,
): number {
  if (since > 0 && authenticatedAt < since - CLOCK_TOLERANCE_MS)
    throw new UpstreamRefusal('stale', 'The person authenticated at the upstream before the moment that was demanded.');
  return Math.min(Date.now(), Math.max(authenticatedAt, since));
}
