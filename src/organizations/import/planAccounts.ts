/** Which accounts an import adds and changes. */
import { accountByEmail, accountById } from '../../accounts/findAccount.js';
import { formerHolderDetails, handOver } from '../../accounts/holder.js';
import { newAccount } from '../../accounts/newAccount.js';
import { verifyPassword } from '../../accounts/passwords.js';
import { accountByUpstream } from '../../accounts/upstream/accountOfIdentity.js';
import { audit } from '../../audit.js';
import { newId } from '../../ids.js';
import type { Stored } from '../../stores/collection.js';
import { type Account, accounts } from '../../stores/records/account.js';
import { members } from '../../stores/records/member.js';
import { type DirectoryFile, millisecondsOf } from './directoryFile.js';
import { type Draft, type PlannedOrganization, relyOn, rewrite } from './draft.js';
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

const linkOf = ({ upstreamIssuer, upstreamSubject }: Entry) =>
  upstreamIssuer === undefined || upstreamSubject === undefined ? undefined : { upstreamIssuer, upstreamSubject };

/** An identity is that of one account, and an account is that of one identity, until the operator unlinks it. */
async function problemWithLink(
  draft: Draft,
  entry: Entry,
  existing: Account | undefined,
): Promise<{ field: 'upstreamIssuer' | 'upstreamSubject'; message: string } | undefined> {
  const { upstreamIssuer: issuer, upstreamSubject: subject } = entry;
  if (issuer === undefined || subject === undefined) return undefined;
  if (existing?.upstreamIssuer === issuer && existing.upstreamSubject === subject) return undefined;
  if (existing?.upstreamIssuer !== undefined)
    return {
      field: 'upstreamIssuer',
      message: `${entry.email} is linked to another identity here; leave the link out or unlink the account first.`,
    };
  const holder = await accountByUpstream(draft.durable, issuer, subject);
  if (!holder) return undefined;
  return {
    field: 'upstreamSubject',
    message: `This identity is linked to ${holder.email} here; unlink that account first.`,
  };
}

/** Whether the file has another password for an account than the one that it has and keeps. */
async function keepsAnother(existing: Account, { password, passwordHash }: Entry): Promise<boolean> {
  if (password !== undefined) return !(await verifyPassword(existing.passwordHash, password, true));
  return passwordHash !== undefined && passwordHash !== existing.passwordHash;
}

/**
 * A password that is there already stays: a repeated import must not undo a person's change of it. But it may be another
 * person's until the address is verified.
 */
async function change(draft: Draft, entry: Entry, existing: Stored<Account>): Promise<void> {
  const { accounts: tally, passwordsKept } = draft.summary;
  const { name, emailVerified = existing.emailVerified } = entry;
  const becomesVerified = emailVerified && !existing.emailVerified;
  const upstream = existing.upstreamIssuer === undefined || becomesVerified ? linkOf(entry) : undefined;
  const handedOut = !existing.emailVerified && (becomesVerified || upstream !== undefined);
  const keeps = existing.passwordHash !== undefined && !handedOut;
  const handover = await handOver(draft.durable, draft.actor, existing, {
    name,
    emailVerified,
    passwordHash: keeps ? undefined : await passwordHashOf(draft, entry),
    upstream,
  });
  const { account } = handover;
  if (keeps && (await keepsAnother(existing, entry))) passwordsKept.push(entry.email);
  const details = {
    ...(name !== existing.name && { name }),
    ...(emailVerified !== existing.emailVerified && { emailVerified }),
    ...(account.passwordHash !== undefined && account.passwordHash !== existing.passwordHash && { password: 'set' }),
    ...(account.upstreamIssuer !== existing.upstreamIssuer && { linked: account.upstreamIssuer ?? 'no more' }),
    ...formerHolderDetails(handover),
  };
  if (Object.keys(details).length === 0) {
    tally.unchanged++;
    return;
  }
  tally.changed++;
  rewrite(draft, accounts, account);
  if (handover.ended) draft.formerlyHeld.add(account.id);
  for (const member of handover.memberships) relyOn(draft, members, member);
  draft.additions.push(
    ...handover.changes,
    audit(draft.actor, { action: 'account.changed', accountId: existing.id, details }),
  );
}

async function add(
  draft: Draft,
  entry: Entry,
  personal: DirectoryFile['organizations'][number] | undefined,
): Promise<{ account: Account; organization: PlannedOrganization }> {
  const id = entry.id ?? newId('acc');
  const moved = millisecondsOf(personal?.mcpAccessChangedAt);
  // Beside the operator the owner alone can move the switch of a personal organization.
  const by = personal?.mcpAccessChangedBy === entry.email ? id : undefined;
  const { account, organization, changes } = newAccount(draft.actor, {
    id,
    email: entry.email,
    name: entry.name,
    emailVerified: entry.emailVerified ?? false,
    passwordHash: await passwordHashOf(draft, entry),
    upstream: linkOf(entry),
    createdAt: millisecondsOf(entry.createdAt),
    personal: personal && {
      id: personal.id,
      name: personal.name,
      mcpAccess: personal.mcpAccess ?? true,
      mcpAccessMoved: moved === undefined ? undefined : { by, at: moved },
      createdAt: millisecondsOf(personal.createdAt),
    },
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
    ...repeated(entries, 'accounts', 'upstreamSubject', ({ upstreamIssuer, upstreamSubject }) =>
      upstreamSubject === undefined ? undefined : `${upstreamSubject} of ${upstreamIssuer}`,
    ),
  );
  const personal = draft.file.organizations.filter((organization) => organization.personal);
  const personalOf = new Map(personal.map((organization) => [organization.owner, organization]));
  const added = await Promise.all(
    entries.map(async (entry, index) => {
      const existing = await accountByEmail(draft.durable, entry.email);
      const message = await problemWithId(draft, entry, existing);
      if (message !== undefined) draft.problems.push({ path: ['accounts', index, 'id'], message });
      const link = await problemWithLink(draft, entry, existing);
      if (link) draft.problems.push({ path: ['accounts', index, link.field], message: link.message });
      const addition = existing ? undefined : await add(draft, entry, personalOf.get(entry.email));
      if (existing) await change(draft, entry, existing);
      draft.advance();
      return addition ? [[entry.email, addition] as const] : [];
    }),
  );
  return new Map(added.flat());
}
