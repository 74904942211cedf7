/** Creating an organization; whoever creates it owns it for good. */
import { existingAccount } from '../accounts/findAccount.js';
import { audit } from '../audit.js';
import { type Change, type DurableStore, replace } from '../stores/durable.js';
import { accounts } from '../stores/records/account.js';
import type { Actor } from '../stores/records/auditEvent.js';
import type { Organization } from '../stores/records/organization.js';
import { retryOnConflict } from '../stores/retryOnConflict.js';
import type { Stores } from '../stores/stores.js';
import { demandVerified } from './demandVerified.js';
import { DirectoryError } from './directoryError.js';
import { Name } from './names.js';
import { demandRoom } from './newMembership.js';
import { newOrganization } from './newOrganization.js';
import { validated } from './validated.js';

interface OwnedOrganization {
  readonly name: string;
  /** The account that owns it for good. */
  readonly ownerId: string;
  /** On, unless told otherwise. */
  readonly mcpAccess?: boolean;
  /** Whether the operator makes an account its owner although its address is unverified. */
  readonly acceptUnverified?: boolean | undefined;
}

/**
 * The changes that create an organization, for a commit of the caller.
 * @param durable the durable store
 * @param actor who creates it
 * @param fields validated ones, and the id where the caller chooses it
 * @returns the organization, and the changes that write it, its owner's membership and the audit event
 * @throws DirectoryError `not-found` for the owner, `conflict` for an operator's organization of an unverified address
 */
export async function organizationCreation(
  durable: DurableStore,
  actor: Actor,
  { id, name, ownerId, mcpAccess = true, acceptUnverified }: OwnedOrganization & { id?: string },
): Promise<{ organization: Organization; changes: Change[] }> {
  const owner = await existingAccount(durable, ownerId);
  await demandVerified(durable, actor, { accountId: ownerId, roles: [{ role: 'account-owner' }], acceptUnverified });
  const { organization, changes } = newOrganization({ id, name, ownerId, personal: false, mcpAccess });
  const about = { organizationId: organization.id, accountId: ownerId, details: { name } };
  // The owner is written too: a removal of the account, which looks at what it owns, has to start again.
  const all = [replace(accounts, owner), ...changes, audit(actor, { action: 'organization.created', ...about })];
  return { organization, changes: all };
}

/**
 * Creates an organization together with its owner's membership.
 * @param stores where the directory is
 * @param actor who creates it: the owner, or the operator for somebody
 * @param fields what it is
 * @throws DirectoryError `invalid` for the name and for an owner of too many organizations, as `organizationCreation`, and
 *   `forbidden` for an owner who did not ask
 */
export async function createOrganization(
  stores: Stores,
  actor: Actor,
  { name: typed, ...fields }: OwnedOrganization,
): Promise<Organization> {
  const name = validated(Name, typed);
  const { ownerId } = fields;
  if (actor.kind === 'client' || (actor.kind === 'account' && actor.accountId !== ownerId))
    throw new DirectoryError('forbidden', 'People create organizations for themselves only.');
  return retryOnConflict(async () => {
    if (actor.kind === 'account')
      await demandRoom(stores.durable, actor, await existingAccount(stores.durable, ownerId), 'invalid');
    const { organization, changes } = await organizationCreation(stores.durable, actor, { ...fields, name });
    await stores.durable.commit(changes);
    return organization;
  });
}
