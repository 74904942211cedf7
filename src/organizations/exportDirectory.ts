/** Exporting the directory as a file that imports into an empty store as the same directory. */
import type { Stored } from '../stores/collection.js';
import type { DurableStore } from '../stores/durable.js';
import { type Account, accounts } from '../stores/records/account.js';
import { members } from '../stores/records/member.js';
import { organizations } from '../stores/records/organization.js';
import type { DirectoryFile } from './import/directoryFile.js';

const exportedAccount =
  (withPasswordHashes: boolean) =>
  (account: Stored<Account>): DirectoryFile['accounts'][number] => {
    const { id, email, name, emailVerified, passwordHash, upstreamIssuer, upstreamSubject, createdAt } = account;
    return {
      id,
      email,
      name,
      emailVerified,
      ...(upstreamIssuer !== undefined && upstreamSubject !== undefined && { upstreamIssuer, upstreamSubject }),
      createdAt: momentOf(createdAt),
      ...(withPasswordHashes && passwordHash !== undefined && { passwordHash }),
    };
  };

/** Milliseconds since 1970 as the file has them, in UTC. */
const momentOf = (milliseconds: number): string => new Date(milliseconds).toISOString();

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
    organizations: owned.map(({ organization, owner }) => {
      const { id, name, mcpAccess, mcpAccessChangedAt: at, mcpAccessChangedBy, personal, createdAt } = organization;
      const by = emailOf.get(mcpAccessChangedBy ?? '');
      return {
        id,
        name,
        owner,
        mcpAccess,
        ...(at !== undefined && { mcpAccessChangedAt: momentOf(at) }),
        ...(by !== undefined && { mcpAccessChangedBy: by }),
        ...(personal && { personal }),
        createdAt: momentOf(createdAt),
      };
    }),
    members: memberships.flatMap((ofOne) =>
      ofOne
        .flatMap(({ organizationId, accountId, roles, mappedRoles, createdAt }) => {
          const account = emailOf.get(accountId);
          const owner = roles.some(({ role }) => role === 'account-owner');
          if (account === undefined || owner) return [];
          const member = {
            organization: organizationId,
            account,
            roles,
            ...(mappedRoles && { mappedRoles }),
            createdAt: momentOf(createdAt),
          };
          return [member];
        })
        .toSorted((a, b) => (a.account < b.account ? -1 : 1)),
    ),
  };
}
