/** Exporting the directory as a file that imports into an empty store as the same directory. */
import type { Stored } from '../stores/collection.js';
import type { DurableStore } from '../stores/durable.js';
import { type Account, accounts } from '../stores/records/account.js';
import { members } from '../stores/records/member.js';
import { organizations } from '../stores/records/organization.js';
import type { DirectoryFile } from './import/directoryFile.js';

const exportedAccount =
  (withPasswordHashes: boolean) =>
  ({ id, email, name, emailVerified, passwordHash }: Stored<Account>): DirectoryFile['accounts'][number] => ({
    id,
    email,
    name,
    emailVerified,
    ...(withPasswordHashes && passwordHash !== undefined && { passwordHash }),
  });

/**
 * Reads the whole directory, in an order that does not depend on its history: accounts and members by email address,
 * organizations by name.
 * @param durable the durable store
 * @param options `withPasswordHashes`: without it the file holds nothing that helps to guess a password
 * @returns the content of a file for `importDirectory`; ids are kept, owners stand with their organizations
 */
export async function exportDirectory(
  durable: DurableStore,
  { withPasswordHashes = false }: { withPasswordHashes?: boolean } = {},
): Promise<DirectoryFile> {
  const everybody = await durable.list(accounts, 'byEmail', []);
  const emailOf = new Map(everybody.map(({ id, email }) => [id, email]));
  const all = await durable.list(organizations, 'byName', []);
  // Somebody may remove an account between the reads; an organization without an owner could not be imported.
  const owned = all.flatMap((organization) => {
    const owner = emailOf.get(organization.ownerId);
    return owner === undefined ? [] : [{ organization, owner }];
  });
  const memberships = await Promise.all(
    owned.map(({ organization }) => durable.list(members, 'byOrganization', [organization.id])),
  );
  return {
    accounts: everybody.map(exportedAccount(withPasswordHashes)),
    organizations: owned.map(({ organization: { id, name, mcpAccess, personal }, owner }) => ({
      id,
      name,
      owner,
      mcpAccess,
      ...(personal && { personal }),
    })),
    members: memberships.flatMap((ofOne) =>
      ofOne
        .flatMap(({ organizationId, accountId, roles }) => {
          const account = emailOf.get(accountId);
          const owner = roles.some(({ role }) => role === 'account-owner');
          return account === undefined || owner ? [] : [{ organization: organizationId, account, roles }];
        })
        .toSorted((a, b) => (a.account < b.account ? -1 : 1)),
    ),
  };
}
