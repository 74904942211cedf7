/** Refresh tokens and, for the length of the replay window, the responses that their first use got. */
import { z } from 'zod';
import { collection } from '../collection.js';

/** `tokenHash` of a token; the token itself is nowhere. */
const TokenHash = z.string().min(43).max(50);

export const RefreshToken = z.strictObject({
  id: TokenHash,
  connectionId: z.string().min(1),
  accountId: z.string().min(1),
  organizationId: z.string().min(1),
  clientId: z.string().min(1),
  scope: z.string(),
  issuedAt: z.int(),
  /** When it was used; a token that has this is spent. */
  usedAt: z.int().exactOptional(),
  /** The connection's end: a used token stays until then, so that a late reuse is recognised. */
  keptUntil: z.int(),
});
export type RefreshToken = z.infer<typeof RefreshToken>;

export const refreshTokens = collection({
  name: 'refreshTokens',
  schema: RefreshToken,
  indexes: { byConnection: { fields: ['connectionId'] } },
  keptUntil: 'keptUntil',
});

export const RefreshReplay = z.strictObject({
  /** The used refresh token's hash. */
  id: TokenHash,
  /** The response to the first use, sealed under a key that only the token itself yields. */
  sealedResponse: z.string(),
  /** The end of the replay window. */
  keptUntil: z.int(),
});
export type RefreshReplay = z.infer<typeof RefreshReplay>;

export const refreshReplays = collection({
  name: 'refreshReplays',
  schema: RefreshReplay,
  indexes: {},
  keptUntil: 'keptUntil',
});
