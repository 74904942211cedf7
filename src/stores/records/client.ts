/** A registered OAuth client (RFC 7591). */
import { z } from 'zod';
import { collection } from '../collection.js';

export const RegisteredClient = z.strictObject({
  id: z.string().min(1),
  /** Client metadata as registered; a `client_secret` in it is the secret's SHA-256 as `sha256:…`. */
  metadata: z.record(z.string(), z.unknown()),
  createdAt: z.int(),
});
export type RegisteredClient = z.infer<typeof RegisteredClient>;

export const clients = collection({
  name: 'clients',
  schema: RegisteredClient,
  indexes: { byCreation: { fields: ['createdAt'] } },
});
