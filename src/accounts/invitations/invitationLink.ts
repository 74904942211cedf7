/** The link of an invitation: a token that nobody keeps, valid for seven days. */
import { newSecret, secretHash } from '../../ids.js';
import type { Invitation } from '../../stores/records/invitation.js';

/** How long a link works, in milliseconds. */
export const INVITATION_MS = 7 * 86_400_000;

/**
 * A new token, and the fields of the invitation that make it the only one that works.
 * @param mailed whether the link goes to the invited address by mail, and to nobody else
 */
export function newLink(mailed: boolean): {
  token: string;
  fields: Pick<Invitation, 'tokenHash' | 'mailed' | 'keptUntil'>;
} {
  const token = newSecret();
  return { token, fields: { tokenHash: secretHash(token), mailed, keptUntil: Date.now() + INVITATION_MS } };
}
