/** The public keys that a client's `jwks_uri` had when they were last fetched. */
import { z } from 'zod';
import { fits } from '../../textBounds.js';
import { collection } from '../collection.js';

export const ClientKeySet = z.strictObject({
  /** The client id. */
  id: z.string().min(1),
  /** Where they are from: of another address they say nothing. */
  uri: z.string().min(1),
  /** Public keys (`PublicJwk`); none once the address said that there are none. */
  keys: z.array(z.record(z.string(), z.string())).refine((keys) => fits('keySet', keys), 'The key set is too long.'),
  fetchedAt: z.int(),
  /** Until when they may be used without asking again (milliseconds, UTC). */
  freshUntil: z.int(),
  /** As long as a connection of the client can last and longer; a day before it has one. */
  keptUntil: z.int(),
});
export type ClientKeySet = z.infer<typeof ClientKeySet>;

export const clientKeySets = collection({
  name: 'clientKeySets',
  schema: ClientKeySet,
  indexes: {},
  keptUntil: 'keptUntil',
});
