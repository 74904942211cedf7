/** Which stored organization an entry of a directory file means. */
import type { Stored } from '../../stores/collection.js';
import { type Organization, organizations } from '../../stores/records/organization.js';
import type { DirectoryFile } from './directoryFile.js';
import type { Draft } from './draft.js';

type Entry = DirectoryFile['organizations'][number];

type Match = Stored<Organization> | undefined | { readonly problem: string };

/**
 * Finds what an entry means: the organization with its id, else the owner's personal one or the one of this name.
 * @param draft where to look
 * @param entry an organization of the file
 * @param ownerId the account id of the entry's owner
 * @returns the stored organization; undefined when it is new; or why that cannot be said
 */
export async function storedOrganization(draft: Draft, entry: Entry, ownerId: string): Promise<Match> {
  const personal = entry.personal ?? false;
  const byId = entry.id === undefined ? undefined : await draft.durable.get(organizations, entry.id);
  if (byId && (byId.ownerId !== ownerId || byId.personal !== personal))
    return { problem: `The id ${byId.id} belongs to "${byId.name}" here, which has another owner or is another kind.` };
  if (byId || (entry.id !== undefined && !personal)) return byId;
  const owned = await draft.durable.list(organizations, 'byOwner', [ownerId]);
  const candidates = owned.filter((one) => one.personal === personal && (personal || one.name === entry.name));
  if (candidates.length > 1) return { problem: `${entry.owner} owns several called "${entry.name}"; give the "id".` };
  const [only] = candidates;
  if (only && entry.id !== undefined)
    return { problem: `${entry.owner} has the personal organization ${only.id} here; leave "id" out.` };
  return only;
}
