/** A key that signs id_tokens (and, where configured, access tokens). */
import { z } from 'zod';
import { collection } from '../collection.js';

export const SigningKey = z.strictObject({
  /** The JWK's `kid`. */
  id: z.string().min(1),
  alg: z.enum(['RS256', 'ES256']),
  /** The private JWK as JSON, encrypted with ENCRYPTION_KEY. */
  sealedJwk: z.string(),
  createdAt: z.int(),
});
export type SigningKey = z.infer<typeof SigningKey>;

export const signingKeys = collection({
  name: 'signingKeys',
  schema: SigningKey,
  indexes: { byCreation: { fields: ['createdAt'] } },
});
