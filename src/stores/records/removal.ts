/**
 * A removal of many that is under way: what it is about counts no more, and is taken away a few records at a time. The
 * record is the list of what is left to do, for whichever server goes on with it.
 */
import { z } from 'zod';
import { collection } from '../collection.js';

export const Removal = z.strictObject({
  id: z.string().min(1),
  /** Whose: an organization's, an account's, or in an organization those of one account or one client. */
  organizationId: z.string().exactOptional(),
  accountId: z.string().exactOptional(),
  clientId: z.string().exactOptional(),
  /** It is about the invitations that the account made, not about connections. */
  invitations: z.literal(true).exactOptional(),
  /** Connections, or invitations, of a lower epoch have ended. Absent when the organization or account is gone with all that it had; its id can be
   * used again when this record is gone, whose own id is `idOfGone`. Older versions gave it a random one. */
  before: z.int().exactOptional(),
  createdAt: z.int(),
});
export type Removal = z.infer<typeof Removal>;

/** What is gone with all that it had: an organization or an account. */
export type Gone = { readonly organizationId: string } | { readonly accountId: string };

/** The id of its removal: it follows from what is gone, so that a commit can demand that there is none. */
export const idOfGone = (gone: Gone): string =>
  'organizationId' in gone ? `gone_organization:${gone.organizationId}` : `gone_account:${gone.accountId}`;

export const removals = collection({
  name: 'removals',
  schema: Removal,
  indexes: { byCreation: { fields: ['createdAt'] } },
});
