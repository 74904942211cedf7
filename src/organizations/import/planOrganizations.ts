/** Which organizations an import adds and changes. */
import { accountByEmail } from '../../accounts/findAccount.js';
import { audit } from '../../audit.js';
import type { Stored } from '../../stores/collection.js';
import { accounts } from '../../stores/records/account.js';
import { type Organization, organizations } from '../../stores/records/organization.js';
import { mcpAccessAction, withMcpAccess } from '../mcpAccess.js';
import { newOrganization } from '../newOrganization.js';
import type { DirectoryFile } from './directoryFile.js';
import { type Draft, type PlannedOrganization, rewrite, touch } from './draft.js';
import type { AddedAccounts } from './planAccounts.js';
import { repeated } from './repeated.js';

type Entry = DirectoryFile['organizations'][number];

/** Without an id an entry is known by its owner and name only, so no other entry may have the same. */
function ambiguous(entries: readonly Entry[]): Draft['problems'] {
  return entries.flatMap((entry, index) => {
    const same = entries.filter(
      ({ owner, name, personal }) => owner === entry.owner && name === entry.name && !personal && !entry.personal,
    );
    if (entry.id !== undefined || same.length < 2) return [];
    const message = `${entry.owner} owns "${entry.name}" twice in the file; remove one or give each its "id".`;
    return [{ path: ['organizations', index, 'name'], message }];
  });
}

type Match = Stored<Organization> | undefined | { readonly problem: string };

/** The stored organization that an entry means: the one with its id, else the owner's personal one or one of this name. */
async function stored(draft: Draft, entry: Entry, ownerId: string): Promise<Match> {
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

function change(draft: Draft, entry: Entry, existing: Stored<Organization>): void {
  const mcpAccess = entry.mcpAccess ?? existing.mcpAccess;
  const about = { organizationId: existing.id };
  let next = existing;
  if (entry.name !== existing.name) {
    next = { ...next, name: entry.name };
    const details = { from: existing.name, to: entry.name };
    draft.additions.push(audit(draft.actor, { action: 'organization.renamed', ...about, details }));
  }
  if (mcpAccess !== existing.mcpAccess) {
    next = withMcpAccess(next, mcpAccess, draft.actor);
    draft.additions.push(audit(draft.actor, { action: mcpAccessAction(mcpAccess), ...about }));
  }
  draft.summary.organizations[next === existing ? 'unchanged' : 'changed']++;
  if (next !== existing) rewrite(draft, organizations, next);
}

function add(draft: Draft, entry: Entry, ownerId: string): PlannedOrganization {
  const { id, name, mcpAccess = true, personal = false } = entry;
  const { organization, changes } = newOrganization({ id, name, ownerId, mcpAccess, personal });
  draft.summary.organizations.added++;
  const about = { organizationId: organization.id, accountId: ownerId, details: { name } };
  draft.additions.push(...changes, audit(draft.actor, { action: 'organization.created', ...about }));
  return organization;
}

async function plan(draft: Draft, entry: Entry, index: number, added: AddedAccounts): Promise<PlannedOrganization[]> {
  const report = (field: string, message: string): [] => {
    draft.problems.push({ path: ['organizations', index, field], message });
    return [];
  };
  const newOwner = added.get(entry.owner);
  const existingOwner = newOwner ? undefined : await accountByEmail(draft.durable, entry.owner);
  const owner = newOwner?.account ?? existingOwner;
  if (!owner) return report('owner', `There is no account ${entry.owner}, neither in the file nor here.`);
  const match = await stored(draft, entry, owner.id);
  if (match && 'problem' in match) return report(entry.id === undefined ? 'name' : 'id', match.problem);
  if (match) {
    change(draft, entry, match);
    return [{ ...match, name: entry.name }];
  }
  // A new account brings its personal organization along.
  if (newOwner && entry.personal) return [];
  // Rewriting the owner as it is has a removal of the account, which looks at what it owns, start again.
  if (existingOwner) touch(draft, accounts, existingOwner);
  return [add(draft, entry, owner.id)];
}

/**
 * Plans the file's organizations: matched by id, without one by owner and name (the personal one by owner).
 * @param draft collects changes and problems
 * @param added the accounts that this import adds
 * @returns the organizations that members of the file can refer to before stored ones
 */
export async function planOrganizations(draft: Draft, added: AddedAccounts): Promise<PlannedOrganization[]> {
  const entries = draft.file.organizations;
  draft.problems.push(
    ...repeated(entries, 'organizations', 'id', ({ id }) => id),
    ...repeated(entries, 'organizations', 'personal', ({ owner, personal }) => (personal ? owner : undefined)),
    ...ambiguous(entries),
  );
  const planned = await Promise.all(entries.map((entry, index) => plan(draft, entry, index, added)));
  return [...planned.flat(), ...[...added.values()].map(({ organization }) => organization)];
}
