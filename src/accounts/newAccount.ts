/** What is stored when an account comes to be: the account and its personal organization. */
import { audit } from '../audit.js';
import { newId } from '../ids.js';
import { nothingLeftOf } from '../organizations/finishRemovals.js';
import { personalOrganizationName } from '../organizations/names.js';
import { type NewOrganization, newOrganization } from '../organizations/newOrganization.js';
import { type Change, insert } from '../stores/durable.js';
import { type Account, accounts } from '../stores/records/account.js';
import type { Actor } from '../stores/records/auditEvent.js';
import type { Organization } from '../stores/records/organization.js';
import { ofNewAccount } from './holder.js';

export interface NewAccount {
  /** Given when an exported account comes back, or where the caller chooses; otherwise a new one is made. */
  readonly id?: string | undefined;
  readonly email: string;
  readonly name: string;
  readonly emailVerified: boolean;
  readonly passwordHash?: string | undefined;
  /** Whom the upstream knows as this person. */
  readonly upstream?: { readonly upstreamIssuer: string; readonly upstreamSubject: string } | undefined;
  /** What an exported personal organization had that differs from a new one. */
  readonly personal?: Pick<NewOrganization, 'id' | 'name' | 'mcpAccess' | 'mcpAccessMoved' | 'createdAt'> | undefined;
  /** When an exported account was made (milliseconds, UTC). */
  readonly createdAt?: number | undefined;
}

/**
 * Decides the records of a new account.
 * @param actor who creates it
 * @param fields its validated fields
 * @returns the account, its personal organization, and the changes that insert both and say so in the audit log; under a
 *   given id they conflict while anything is left of what had it before
 */
export function newAccount(
  actor: Actor,
  { id: given, email, name, emailVerified, passwordHash, upstream, personal, createdAt: made }: NewAccount,
): { account: Account; organization: Organization; changes: Change[] } {
  const id = given ?? newId('acc');
  const now = Date.now();
  const createdAt = made ?? now;
  const account: Account = {
    id,
    email,
    name,
    emailVerified: ofNewAccount(emailVerified),
    ...(passwordHash !== undefined && { passwordHash }),
    ...upstream,
    // Sessions of an account that had this id before must not come back with it.
    ...(given !== undefined && { sessionGeneration: now }),
    createdAt,
  };
  const { organization, changes } = newOrganization({
    name: personalOrganizationName(name),
    mcpAccess: true,
    createdAt,
    ...personal,
    ownerId: id,
    personal: true,
  });
  const left = given === undefined ? [] : nothingLeftOf({ accountId: id });
  const event = audit(actor, {
    action: 'account.created',
    accountId: id,
    organizationId: organization.id,
    details: { email },
  });
  return { account, organization, changes: [...left, insert(accounts, account), ...changes, event] };
}
