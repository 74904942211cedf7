/** Refresh tokens and, for the length of the replay window, the responses that their first use got. */
import { z } from 'zod';
import { timeDigits } from '../../ids.js';
import { collection } from '../collection.js';

/** A time and a hash, as `tokenHash` makes them, or of an older version the hash alone; the token itself is nowhere. */
const TimedHash = z.string().regex(/^(?:[0-9a-z]{9})?[\w-]{43}$/);

/** The longest month. */
const MONTH_MS = 31 * 86_400_000;

export const RefreshToken = z.strictObject({
  /** `tokenHash` of the token, with the time of its making. */
  id: TimedHash,
  connectionId: z.string().min(1),
  accountId: z.string().min(1),
  organizationId: z.string().min(1),
  clientId: z.string().min(1),
  scope: z.string(),
  issuedAt: z.int(),
  /** When it was used; a token that has this is spent. */
  usedAt: z.int().exactOptional(),
  /** Until when the response to that use is given again; not there when it is not. */
  replayedUntil: z.int().exactOptional(),
  /** The connection's end: a used token stays until then, so that a late reuse is recognised. */
  keptUntil: z.int(),
});
export type RefreshToken = z.infer<typeof RefreshToken>;

export const refreshTokens = collection({
  name: 'refreshTokens',
  schema: RefreshToken,
  indexes: {},
  keptUntil: 'keptUntil',
  livesAtMost: MONTH_MS,
});

export const RefreshReplay = z.strictObject({
  /** `replayId` of the used refresh token. */
  id: TimedHash,
  /** The response to the first use, sealed under a key that only the token itself yields. */
  sealedResponse: z.string(),
  /** The address of the first use. */
  firstUsedFrom: z.string().exactOptional(),
  /** The addresses of repeats that are in the audit log. */
  repeatedFrom: z.array(z.string()).exactOptional(),
  /** The end of the replay window. */
  keptUntil: z.int(),
});
export type RefreshReplay = z.infer<typeof RefreshReplay>;

export const refreshReplays = collection({
  name: 'refreshReplays',
  schema: RefreshReplay,
  indexes: {},
  keptUntil: 'keptUntil',
  livesAtMost: 0,
});

/** Where the response to a refresh token's first use is kept: until when, and the token's hash. */
export const replayId = (tokenId: string, replayedUntil: number): string =>
  timeDigits(replayedUntil) + tokenId.slice(-43);
