/** A key that signs id_tokens and JWT access tokens. */
import { z } from 'zod';
import { collection } from '../collection.js';

export const SigningKey = z.strictObject({
  /** The JWK's `kid`. */
  id: z.string().min(1),
  alg: z.enum(['RS256', 'ES256']),
  /** Counts the keys of an algorithm from 1, so that two servers cannot both add the next one. */
  generation: z.int().positive(),
  /** The private JWK as JSON, encrypted with ENCRYPTION_KEY. */
  sealedJwk: z.string(),
  createdAt: z.int(),
  /** It is published at once and signs from then on (milliseconds, UTC), when every server has it. */
  signsFrom: z.int(),
});
export type SigningKey = z.infer<typeof SigningKey>;

export const signingKeys = collection({
  name: 'signingKeys',
  schema: SigningKey,
  indexes: { byGeneration: { fields: ['alg', 'generation'], unique: true } },
});
