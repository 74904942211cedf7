/** A connection: this person, this organization, this client, this resource, for one calendar month. */
import { z } from 'zod';
import { collection } from '../collection.js';

export const Connection = z.strictObject({
  id: z.string().min(1),
  status: z.enum(['pending', 'active']),
  accountId: z.string().min(1),
  organizationId: z.string().min(1),
  clientId: z.string().min(1),
  /** What the client called itself at consent; pages show it also when the client is gone. */
  clientName: z.string(),
  /** The host that vouches for the client's identity, when there is one. */
  verifiedHost: z.string().exactOptional(),
  /** The resource indicator in the operator's spelling. */
  resource: z.string().min(1),
  /** The granted scopes, separated by spaces. */
  scope: z.string(),
  /** When consent was given (milliseconds, UTC). */
  createdAt: z.int(),
  /** One calendar month after consent; no token outlives it. */
  expiresAt: z.int(),
  /** A pending connection vanishes after 15 minutes, an active one when it expires. */
  keptUntil: z.int(),
});
export type Connection = z.infer<typeof Connection>;

export const connections = collection({
  name: 'connections',
  // No token says anything of a pending one: its first token is written together with its activation.
  changesCounted: ({ status }) => status === 'active',
  schema: Connection,
  // By nothing that changes when the code is exchanged, or each exchange would move entries all over four indexes.
  indexes: {
    byAccount: { fields: ['accountId', 'createdAt'] },
    byMember: { fields: ['organizationId', 'accountId', 'createdAt'] },
    byOrganization: { fields: ['organizationId', 'createdAt'] },
    byOrganizationClient: { fields: ['organizationId', 'clientId', 'createdAt'] },
  },
  keptUntil: 'keptUntil',
});
