/** An organization under an id that the caller chooses: made when it is not there, else called what the caller says. */
import { audit } from '../audit.js';
import { replace } from '../stores/durable.js';
import type { Actor } from '../stores/records/auditEvent.js';
import { type Organization, organizations } from '../stores/records/organization.js';
import { retryOnConflict } from '../stores/retryOnConflict.js';
import type { Stores } from '../stores/stores.js';
import { ChosenId } from './chosenId.js';
import { organizationCreation } from './createOrganization.js';
import { DirectoryError } from './directoryError.js';
import { finishRemovalsOf } from './finishRemovals.js';
import { Name } from './names.js';
import { validated } from './validated.js';

/**
 * Makes or renames an organization; the same again changes nothing.
 * @param stores where the directory is
 * @param actor who does it; the caller has made sure that this is the operator
 * @param organizationId the id, chosen by the caller
 * @param given its name, the account id of its owner, who cannot be another one later, and whether a new one may belong to
 *   an account of an unverified address
 * @returns the organization, and whether it is new; MCP access of a new one is on
 * @throws DirectoryError `invalid` for a field, `not-found` for the owner of a new one, `conflict` for another owner and
 *   for a new one with an unverified address
 */
export async function putOrganization(
  stores: Stores,
  actor: Actor,
  organizationId: string,
  { name: typed, ownerId, acceptUnverified }: { name: string; ownerId: string; acceptUnverified?: boolean },
): Promise<{ organization: Organization; created: boolean }> {
  const id = validated(ChosenId, organizationId);
  const name = validated(Name, typed);
  const { durable } = stores;
  return retryOnConflict(async () => {
    const before = await durable.get(organizations, id);
    if (!before) {
      await finishRemovalsOf(durable, id);
      const { organization, changes } = await organizationCreation(durable, actor, {
        id,
        name,
        ownerId,
        acceptUnverified,
      });
      await durable.commit(changes);
      return { organization, created: true };
    }
    if (before.ownerId !== ownerId)
      throw new DirectoryError(
        'conflict',
        `The Account Owner is permanent. The organization ${id} belongs to the account ${before.ownerId}; send that ownerId, or choose another id.`,
      );
    const organization = { ...before, name };
    if (name !== before.name)
      await durable.commit([
        replace(organizations, organization),
        audit(actor, {
          action: 'organization.renamed',
          organizationId: id,
          details: { from: before.name, to: name },
        }),
      ]);
    return { organization, created: false };
  });
}
