/** A connection: this person, this organization, this client, this resource, for one calendar month. */
import { z } from 'zod';
import { TEXT_BOUNDS } from '../../textBounds.js';
import { collection } from '../collection.js';

export const ShownExchange = z.strictObject({
  /** The other resource, in the operator's spelling. */
  resource: z.string().min(1),
  /** The scopes there, separated by spaces. */
  scope: z.string().min(1),
});
export type ShownExchange = z.infer<typeof ShownExchange>;

/** How many older connections one connection marks as replaced. */
export const MOST_REPLACED = 100;

export const Connection = z.strictObject({
  id: z.string().min(1),
  status: z.enum(['pending', 'active']),
  accountId: z.string().min(1),
  organizationId: z.string().min(1),
  clientId: z.string().min(1).max(TEXT_BOUNDS.clientId.most),
  /** What the client called itself at consent; pages show it also when the client is gone. */
  clientName: z.string().max(TEXT_BOUNDS.clientId.most),
  /** The host that vouches for the client's identity, when there is one. */
  verifiedHost: z.string().exactOptional(),
  /** Of a client that the configuration file named at consent. */
  preRegistered: z.literal(true).exactOptional(),
  /** The resource indicator in the operator's spelling. */
  resource: z.string().min(1),
  /** The granted scopes, separated by spaces. */
  scope: z.string(),
  /** What the consent page said that the resource's servers may get elsewhere in exchange; older versions did not note it. */
  exchanges: z.array(ShownExchange).exactOptional(),
  /** Of a pending one: the ids of older connections of the same client that it will replace. */
  replaces: z.array(z.string()).max(MOST_REPLACED).exactOptional(),
  /** The newer connection that has all that this one was granted, and since when (milliseconds, UTC). This one goes on working. */
  replacedBy: z.string().exactOptional(),
  replacedAt: z.int().exactOptional(),
  /** The `connectionEpoch` of account and organization at consent; absent: 0. */
  accountEpoch: z.int().exactOptional(),
  organizationEpoch: z.int().exactOptional(),
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
