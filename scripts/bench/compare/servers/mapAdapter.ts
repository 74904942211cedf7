/** A Map as the store of oidc-provider: as little as it works with. */
import type { Adapter, AdapterFactory, AdapterPayload } from 'oidc-provider';

/** One Map for all models; grants are revoked by going through their tokens. */
export function mapAdapter(): AdapterFactory {
  const stored = new Map<string, AdapterPayload>();
  const tokensOfGrant = new Map<string, string[]>();
  return (model): Adapter => {
    const key = (id: string): string => `${model}:${id}`;
    return {
      async upsert(id, payload) {
        stored.set(key(id), payload);
        if (payload.grantId === undefined || model === 'Grant') return;
        const tokens = tokensOfGrant.get(payload.grantId);
        if (tokens) tokens.push(key(id));
        else tokensOfGrant.set(payload.grantId, [key(id)]);
      },
      find: async (id) => stored.get(key(id)),
      findByUid: async () => undefined,
      findByUserCode: async () => undefined,
      async consume(id) {
        const payload = stored.get(key(id));
        if (payload) stored.set(key(id), { ...payload, consumed: Math.floor(Date.now() / 1_000) });
      },
      async destroy(id) {
        stored.delete(key(id));
      },
      async revokeByGrantId(grantId) {
        for (const token of tokensOfGrant.get(grantId) ?? []) stored.delete(token);
        tokensOfGrant.delete(grantId);
      },
    };
  };
}
