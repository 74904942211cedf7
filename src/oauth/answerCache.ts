/**
 * Introspection answers that are still true. Everything an active answer says was read at one revision of the store; as
 * long as the store is at that revision, or at least the records that it was read from are, nothing of it has changed.
 * Revisions are read at every request and are counted up inside each change's own transaction, by whichever process.
 */
import { hash } from 'node:crypto';
import { memberId } from '../stores/records/member.js';
import type { Stores } from '../stores/stores.js';
import type { AccessToken } from './tokens/accessTokenRecord.js';

/** So many answers are kept at most; most have about a kilobyte. */
const MOST_ANSWERS = 20_000;
/** A longer one, of a member with very many roles, is read anew each time: kept, such answers could fill the memory. */
const LONGEST_ANSWER = 4_000;

interface Kept {
  /** The store's, at which this was last known to be true. */
  revision: number;
  /** The records that it was read from, each with its revision. */
  readonly readFrom: readonly { readonly id: string; readonly revision: number | undefined }[];
  readonly access: AccessToken;
  readonly json: string;
}

/**
 * What an answer is kept under: the hash of all that it depends on in the request, credentials and token included, so
 * that nothing is compared in clear and the same request is authenticated by being the same.
 * @param body its bytes as latin1
 */
export const requestHash = (authorization: string, contentType: string, body: string): string =>
  hash('sha256', `${authorization}\n${contentType}\n${body}`, 'base64url');

/** The answers of one process. */
export class AnswerCache {
  readonly #kept = new Map<string, Kept>();

  constructor(private readonly stores: Pick<Stores, 'revision'>) {}

  /**
   * The answer to a request, if it is known to be what reading everything again would give.
   * @param revision the store's at this request; undefined when the store does not count them
   */
  at(revision: number | undefined, request: string): string | undefined {
    if (revision === undefined) return undefined;
    const kept = this.#living(request);
    if (!kept) return undefined;
    if (kept.revision !== revision) {
      if (kept.readFrom.some((record) => this.stores.revision(record.id) !== record.revision)) return undefined;
      kept.revision = revision;
    }
    return kept.json;
  }

  /**
   * What is known of the token of a request that was answered before, so that only what has changed since is read anew:
   * the request is authenticated by being the same, and what a token says never changes.
   */
  accessOf(request: string): AccessToken | undefined {
    return this.#living(request)?.access;
  }

  #living(request: string): Kept | undefined {
    const kept = this.#kept.get(request);
    return kept && kept.access.expiresAt * 1_000 > Date.now() ? kept : undefined;
  }

  /**
   * Keeps an active answer, unless it is very long or something was changed while it was read.
   * @param revision as it was before anything that the answer says was read
   * @param access what is known of the token
   */
  keep(revision: number | undefined, request: string, access: AccessToken, json: string): void {
    if (json.length > LONGEST_ANSWER) return;
    if (revision === undefined || this.stores.revision() !== revision) return;
    if (this.#kept.size >= MOST_ANSWERS) this.#kept.clear();
    const { connectionId, accountId, organizationId } = access;
    const ids = [connectionId, accountId, organizationId, memberId(organizationId, accountId)];
    const readFrom = ids.map((id) => ({ id, revision: this.stores.revision(id) }));
    this.#kept.set(request, { revision, readFrom, access, json });
  }
}
