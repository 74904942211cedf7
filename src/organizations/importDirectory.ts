/** Importing accounts, organizations and members from a JSON file: all of it or, when anything is wrong, nothing. */
import { hashPassword } from '../accounts/passwords.js';
import type { Actor } from '../stores/records/auditEvent.js';
import { retryOnConflict } from '../stores/retryOnConflict.js';
import type { Stores } from '../stores/stores.js';
import { finishRemovals } from './finishRemovals.js';
import { DirectoryFileError, readDirectoryFile } from './import/directoryFile.js';
import type { Draft, ImportSummary, Tally } from './import/draft.js';
import { planAccounts } from './import/planAccounts.js';
import { planMembers } from './import/planMembers.js';
import { planOrganizations } from './import/planOrganizations.js';

export { DirectoryFileError } from './import/directoryFile.js';
export type { ImportSummary } from './import/draft.js';

const tally = (): Tally => ({ added: 0, changed: 0, unchanged: 0 });

/**
 * Brings the directory to what a file says, in one commit. What the file does not mention stays as it is; passwords
 * that accounts have already stay too, and the summary names them. Importing a file again changes nothing. An address that
 * becomes verified ends what was held before, and takes the file's password.
 * @param stores where the directory is
 * @param actor who imports
 * @param text the JSON text, as config/demo-directory.json shows it
 * @param report is told how many of the file's entries are worked out, of how many
 * @param options `acceptUnverified`: gives roles to accounts of unverified addresses
 * @returns how much was added, changed and already there
 * @throws DirectoryFileError (`invalid`) with every line that is wrong, also of a role for an account of an unverified
 *   address; nothing was written
 */
export async function importDirectory(
  stores: Stores,
  actor: Actor,
  text: string,
  report: (done: number, total: number) => void = () => undefined,
  { acceptUnverified = false }: { acceptUnverified?: boolean } = {},
): Promise<ImportSummary> {
  const { file, lineOf } = readDirectoryFile(text);
  const hashes = new Map<string, Promise<string>>();
  const hashOnce = (email: string, password: string): Promise<string> => {
    const hash = hashes.get(email) ?? hashPassword(password, true);
    hashes.set(email, hash);
    return hash;
  };
  const total = file.accounts.length + file.organizations.length + file.members.length;
  return retryOnConflict(async () => {
    let done = 0;
    const draft: Draft = {
      durable: stores.durable,
      actor,
      file,
      hashOnce,
      acceptUnverified,
      advance: () => report(++done, total),
      problems: [],
      additions: [],
      stored: new Map(),
      formerlyHeld: new Set(),
      summary: { accounts: tally(), organizations: tally(), members: tally(), passwordsKept: [] },
    };
    // What is taken away meanwhile may have had ids that the file names; a removal after this has the commit conflict.
    await finishRemovals(stores.durable);
    const added = await planAccounts(draft);
    await planMembers(draft, added, await planOrganizations(draft, added));
    if (draft.problems.length > 0)
      throw new DirectoryFileError(draft.problems.map(({ path, message }) => ({ line: lineOf(path), message })));
    const changes = [...draft.stored.values(), ...draft.additions];
    if (changes.length > 0) await stores.durable.commit(changes);
    return draft.summary;
  });
}
