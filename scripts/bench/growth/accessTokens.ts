/** Access tokens of a population's connections, for the resource of config/default.json. */
import { newSecret } from '#src/ids.js';
import { AccessToken } from '#src/oauth/tokens/accessTokenRecord.js';
import type { Stores } from '#src/stores/stores.js';
import { volatileKind } from '#src/stores/volatile.js';
import { connection, RESOURCE } from './population.js';

const accessTokens = volatileKind('access-token', AccessToken);

/** Issues so many, of connections all over the store. */
export async function issueTokens(stores: Stores, total: number, count: number): Promise<string[]> {
  const issuedAt = Math.floor(Date.now() / 1_000);
  const issued = Array.from({ length: count }, async (_, n) => {
    const { id, accountId, organizationId, clientId, scope } = connection(Math.floor((n * total) / count), total);
    const value = newSecret();
    const ends = { connectionId: id, accountId, organizationId, clientId, scope };
    const token = { ...ends, audience: RESOURCE, issuedAt, expiresAt: issuedAt + 3_600 };
    await stores.volatile.set(accessTokens, value, token, token.expiresAt * 1_000);
    return value;
  });
  return Promise.all(issued);
}
