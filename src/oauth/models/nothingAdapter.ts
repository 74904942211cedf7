/** Models that are not kept: the library's own Session (sign-in sessions are ours), its tokens (ours too) and what is switched off. */
import type { Adapter } from 'oidc-provider';

export const nothingAdapter: Adapter = {
  upsert: async () => undefined,
  find: async () => undefined,
  findByUid: async () => undefined,
  findByUserCode: async () => undefined,
  consume: async () => undefined,
  destroy: async () => undefined,
  revokeByGrantId: async () => undefined,
};
