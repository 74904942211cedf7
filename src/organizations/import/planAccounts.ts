/** Which accounts an import adds and changes. */
import { accountByEmail, accountById } from '../../accounts/findAccount.js';
import { newAccount } from '../../accounts/newAccount.js';
import { audit } from '../../audit.js';
import type { Stored } from '../../stores/collection.js';
import { type Account, accounts } from '../../stores/records/account.js';
import type { DirectoryFile } from './directoryFile.js';
import { type Draft, type PlannedOrganization, rewrite } from './draft.js';
import { repeated } from './repeated.js';

type Entry = DirectoryFile['accounts'][number];

/** New accounts with their personal organizations, by email address. */
export type AddedAccounts = ReadonlyMap<
  string,
  { readonly account: Account; readonly organization: PlannedOrganization }
>;

async function problemWithId(draft: Draft, entry: Entry, existing: Account | undefined): Promise<string | undefined> {
  if (entry.id === undefined || existing?.id === entry.id) return undefined;
  if (existing) return `${entry.email} has the id ${existing.id} here; leave "id" out or remove that account first.`;
  const holder = await accountById(draft.durable, entry.id);
  return holder && `The id ${entry.id} belongs to ${holder.email} here; leave "id" out or correct the email address.`;
}

async function passwordHashOf(draft: Draft, entry: Entry): Promise<string | undefined> {
  return entry.password === undefined ? entry.passwordHash : draft.hashOnce(entry.email, entry.password);
}

/** A password that is there already stays: a repeated import must not undo a person's change of it. */
async function change(draft: Draft, entry: Entry, existing: Stored<Account>): Promise<void> {
  const passwordHash = existing.passwordHash ?? (await passwordHashOf(draft, entry));
  const emailVerified = entry.emailVerified ?? existing.emailVerified;
  const details = {
    ...(entry.name !== existing.name && { name: entry.name }),
    ...(emailVerified !== existing.emailVerified && { emailVerified }),
    ...(passwordHash !== existing.passwordHash && { password: 'set' }),
  };
  if (Object.keys(details).length === 0) {
    draft.summary.accounts.unchanged++;
    return;
  }
  draft.summary.accounts.changed++;
  rewrite(draft, accounts, {
    ...existing,
    name: entry.name,
    emailVerified,
    ...(passwordHash !== undefined && { passwordHash }),
  });
  draft.additions.push(audit(draft.actor, { action: 'account.changed', accountId: existing.id, details }));
}

async function add(
  draft: Draft,
  entry: Entry,
  personal: DirectoryFile['organizations'][number] | undefined,
): Promise<{ account: Account; organization: PlannedOrganization }> {
  const { account, organization, changes } = newAccount(draft.actor, {
    id: entry.id,
    email: entry.email,
    name: entry.name,
    emailVerified: entry.emailVerified ?? false,
    passwordHash: await passwordHashOf(draft, entry),
    personal: personal && { id: personal.id, name: personal.name, mcpAccess: personal.mcpAccess ?? true },
  });
  draft.summary.accounts.added++;
  draft.additions.push(...changes);
  return { account, organization };
}

/**
 * Plans the file's accounts: an email address that is here already is that account, any other makes a new one.
 * @param draft collects changes and problems
 * @returns the accounts that are added
 */
export async function planAccounts(draft: Draft): Promise<AddedAccounts> {
  const entries = draft.file.accounts;
  draft.problems.push(
    ...repeated(entries, 'accounts', 'email', ({ email }) => email),
    ...repeated(entries, 'accounts', 'id', ({ id }) => id),
  );
  const personal = draft.file.organizations.filter((organization) => organization.personal);
  const personalOf = new Map(personal.map((organization) => [organization.owner, organization]));
  const added = await Promise.all(
    entries.map(async (entry, index) => {
      const existing = await accountByEmail(draft.durable, entry.email);
      const message = await problemWithId(draft, entry, existing);
      if (message !== undefined) draft.problems.push({ path: ['accounts', index, 'id'], message });
      const addition = existing ? undefined : await add(draft, entry, personalOf.get(entry.email));
      if (existing) await change(draft, entry, existing);
      draft.advance();
      return addition ? [[entry.email, addition] as const] : [];
    }),
  );
  return new Map(added.flat());
}
