/** Which organizations an import adds and changes. */
import { accountByEmail } from '../../accounts/findAccount.js';
import { audit } from '../../audit.js';
import type { Stored } from '../../stores/collection.js';
import { accounts } from '../../stores/records/account.js';
import { type Organization, organizations } from '../../stores/records/organization.js';
import { unverifiedProblem } from '../demandVerified.js';
import { mcpAccessAction, withMcpAccess } from '../mcpAccess.js';
import { newOrganization } from '../newOrganization.js';
import { type DirectoryFile, millisecondsOf } from './directoryFile.js';
import {
  afterwards,
  type Draft,
  type PlannedOrganization,
  type PlannedOrganizations,
  rewrite,
  touch,
  VERIFY,
} from './draft.js';
import type { AddedAccounts } from './planAccounts.js';
import { repeated } from './repeated.js';
import { storedOrganization } from './storedOrganization.js';

type Entry = DirectoryFile['organizations'][number];

/** Without an id an entry is known by its owner and name only, so no other entry may have the same. */
function ambiguous(entries: readonly Entry[]): Draft['problems'] {
  const keyOf = ({ owner, name }: Entry): string => `${owner} ${name}`;
  const count = new Map<string, number>();
  for (const entry of entries) if (!entry.personal) count.set(keyOf(entry), (count.get(keyOf(entry)) ?? 0) + 1);
  return entries.flatMap((entry, index) => {
    if (entry.id !== undefined || entry.personal || (count.get(keyOf(entry)) ?? 0) < 2) return [];
    const message = `${entry.owner} owns "${entry.name}" twice in the file; remove one or give each its "id".`;
    return [{ path: ['organizations', index, 'name'], message }];
  });
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

/** Who moved the switch of an exported organization; an account that is gone counts as the operator. */
async function moved(draft: Draft, { mcpAccessChangedAt, mcpAccessChangedBy }: Entry, added: AddedAccounts) {
  const at = millisecondsOf(mcpAccessChangedAt);
  if (at === undefined) return undefined;
  const email = mcpAccessChangedBy ?? '';
  const by = added.get(email)?.account ?? (await accountByEmail(draft.durable, email));
  return { by: by?.id, at };
}

async function add(draft: Draft, entry: Entry, ownerId: string, accounts: AddedAccounts): Promise<PlannedOrganization> {
  const { id, name, mcpAccess = true, personal = false } = entry;
  const mcpAccessMoved = await moved(draft, entry, accounts);
  const createdAt = millisecondsOf(entry.createdAt);
  const fields = { id, name, ownerId, mcpAccess, personal, mcpAccessMoved, createdAt };
  const { organization, changes } = newOrganization(fields);
  draft.summary.organizations.added++;
  const about = { organizationId: organization.id, accountId: ownerId, details: { name } };
  draft.additions.push(...changes, audit(draft.actor, { action: 'organization.created', ...about }));
  return organization;
}

async function plan(draft: Draft, entry: Entry, index: number, added: AddedAccounts): Promise<PlannedOrganization[]> {
  draft.advance();
  const report = (field: string, message: string): [] => {
    draft.problems.push({ path: ['organizations', index, field], message });
    return [];
  };
  const newOwner = added.get(entry.owner);
  const existingOwner = newOwner ? undefined : await accountByEmail(draft.durable, entry.owner);
  const owner = newOwner?.account ?? existingOwner;
  if (!owner) return report('owner', `There is no account ${entry.owner}, neither in the file nor here.`);
  const match = await storedOrganization(draft, entry, owner.id);
  if (match && 'problem' in match) return report(entry.id === undefined ? 'name' : 'id', match.problem);
  const unverified = !draft.acceptUnverified && !entry.personal;
  // Of an organization that the file does not name by its id, its maker may have chosen the name for this very moment.
  if (match && unverified && entry.id === undefined && existingOwner && !existingOwner.emailVerified)
    return report(
      'name',
      `"${match.name}" of ${entry.owner} was made here while that address was unverified, and it keeps its members. Give its "id" (${match.id}) when it is meant, or remove it.`,
    );
  if (match) {
    change(draft, entry, match);
    return [{ ...match, name: entry.name }];
  }
  // A new account brings its personal organization along.
  if (newOwner && entry.personal) return [];
  const account = existingOwner ? afterwards(draft, accounts, existingOwner) : owner;
  if (unverified && !account.emailVerified) report('owner', unverifiedProblem(account, VERIFY));
  // Rewriting the owner as it is has a removal of the account, which looks at what it owns, start again.
  if (existingOwner) touch(draft, accounts, existingOwner);
  return [await add(draft, entry, owner.id, added)];
}

/**
 * Plans the file's organizations: matched by id, without one by owner and name (the personal one by owner).
 * @param draft collects changes and problems
 * @param added the accounts that this import adds
 * @returns what members of the file can refer to before stored organizations
 */
export async function planOrganizations(draft: Draft, added: AddedAccounts): Promise<PlannedOrganizations> {
  const entries = draft.file.organizations;
  draft.problems.push(
    ...repeated(entries, 'organizations', 'id', ({ id }) => id),
    ...repeated(entries, 'organizations', 'personal', ({ owner, personal }) => (personal ? owner : undefined)),
    ...ambiguous(entries),
  );
  const planned = await Promise.all(entries.map((entry, index) => plan(draft, entry, index, added)));
  const all = [...planned.flat(), ...[...added.values()].map(({ organization }) => organization)];
  const byName = new Map<string, PlannedOrganization[]>();
  for (const one of all) byName.set(one.name, [...(byName.get(one.name) ?? []), one]);
  return { byId: new Map(all.map((one) => [one.id, one])), byName };
}
