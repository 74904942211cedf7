/** Access tokens of a population's connections, for the resource of config/default.json. */
import { newToken } from '#src/ids.js';
import { accessTokens } from '#src/oauth/tokens/accessToken.js';
import type { Stores } from '#src/stores/stores.js';
import { connection, RESOURCE } from './population.js';

/** In seconds; longer than any measurement takes. */
const LIFETIME = 24 * 3_600;

/** Issues so many, of connections all over the store. */
export async function issueTokens(stores: Stores, total: number, count: number): Promise<string[]> {
  const issuedAt = Math.floor(Date.now() / 1_000);
  const issued = Array.from({ length: count }, async (_, n) => {
    const { id, accountId, organizationId, clientId, scope } = connection(Math.floor((n * total) / count), total);
    const ends = { connectionId: id, accountId, organizationId, clientId, scope };
    const token = { ...ends, audience: RESOURCE, issuedAt, expiresAt: issuedAt + LIFETIME };
    const value = newToken(token.expiresAt * 1_000);
    await stores.volatile.set(accessTokens, value, token, token.expiresAt * 1_000);
    return value;
  });
  return Promise.all(issued);
}
