/** What an import is going to write, as long as it is still being checked. */
import type { Collection, Identified, Stored } from '../../stores/collection.js';
import { type Change, ConflictError, type DurableStore, replace, unchanged } from '../../stores/durable.js';
import type { Actor } from '../../stores/records/auditEvent.js';
import type { DirectoryFile } from './directoryFile.js';
import type { JsonPath } from './jsonWithLines.js';

export interface Tally {
  added: number;
  changed: number;
  unchanged: number;
}

/** How much of the file was new, different or already there. */
export interface ImportSummary {
  readonly accounts: Tally;
  readonly organizations: Tally;
  readonly members: Tally;
  /** Addresses of accounts that keep another password than that of the file. */
  readonly passwordsKept: string[];
}

export interface Draft {
  readonly durable: DurableStore;
  readonly actor: Actor;
  readonly file: DirectoryFile;
  /** Hashes an entry's password; once, however often the import has to start again. */
  readonly hashOnce: (email: string, password: string) => Promise<string>;
  /** Whether roles are given to accounts of unverified addresses. */
  readonly acceptUnverified: boolean;
  /** To be called once for each entry of the file. */
  readonly advance: () => void;
  readonly problems: { readonly path: JsonPath; readonly message: string }[];
  /** Records that are new, and audit events. */
  readonly additions: Change[];
  /** Stored records that the import changes or relies on, by collection and id. */
  readonly stored: Map<string, Change>;
  /** Accounts whose former holder loses them with this import. */
  readonly formerlyHeld: Set<string>;
  readonly summary: ImportSummary;
}

/** The organization that an entry or a reference of the file stands for. */
export interface PlannedOrganization {
  readonly id: string;
  readonly name: string;
  readonly ownerId: string;
  readonly personal: boolean;
}

/** All organizations that the file names or that come along with its new accounts. */
export interface PlannedOrganizations {
  readonly byId: ReadonlyMap<string, PlannedOrganization>;
  readonly byName: ReadonlyMap<string, readonly PlannedOrganization[]>;
}

const placeOf = (collection: { readonly name: string }, id: string): string => `${collection.name}/${id}`;

/**
 * Has a stored record written with new content.
 * @throws ConflictError when the import relies on another revision of it: what was decided on that one may not hold
 */
export function rewrite<T extends Identified>(draft: Draft, collection: Collection<T>, record: Stored<T>): void {
  const place = placeOf(collection, record.id);
  const known = draft.stored.get(place);
  if (known && 'record' in known && (known.record as Stored<Identified>).revision !== record.revision)
    throw new ConflictError(collection.name);
  draft.stored.set(place, replace(collection, record));
}

/** What to do about a role for an account of an unverified address. */
export const VERIFY = 'Say "emailVerified": true of it, or import with --accept-unverified.';

/** A stored record as the import leaves it. */
export function afterwards<T extends Identified>(draft: Draft, collection: Collection<T>, record: Stored<T>): T {
  const change = draft.stored.get(placeOf(collection, record.id));
  return change?.kind === 'replace' ? (change.record as unknown as T) : record;
}

/** Has the import start again when a stored record is no longer what it was read as. */
export function relyOn<T extends Identified>(draft: Draft, collection: Collection<T>, record: Stored<T>): void {
  const place = placeOf(collection, record.id);
  if (!draft.stored.has(place)) draft.stored.set(place, unchanged(collection, record));
}

/** Writes a stored record as it is, unless it gets new content, so that whoever decides on its revision starts again. */
export function touch<T extends Identified>(draft: Draft, collection: Collection<T>, record: Stored<T>): void {
  if (draft.stored.get(placeOf(collection, record.id))?.kind !== 'replace') rewrite(draft, collection, record);
}
