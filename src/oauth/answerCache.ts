/**
 * Introspection answers that are still true. Before anything that an active answer says is read, the store has a revision;
 * as long as it has the same one, or the records that the answer was read from have not changed since, the answer stands.
 * The revision is read at every request and is counted up inside each change's own transaction, by whichever process.
 */
import { hash } from 'node:crypto';
import { BoundedCache } from '../boundedCache.js';
import type { JsonAnswer } from '../http/jsonAnswer.js';
import { memberId } from '../stores/records/member.js';
import type { Stores } from '../stores/stores.js';
import type { AccessToken } from './tokens/accessTokenRecord.js';

/** So much is kept at most, in bytes: some eight thousand answers. */
const MOST = 16_000_000;
/** What is kept beside an answer: its head, the token, ids, keys. */
const BESIDE = 1_200;
/** A longer one, of a member with very many roles, is read anew each time: it would take the place of many others. */
const LONGEST_ANSWER = 4_000;

interface Kept {
  /** One of the store's, since which none of the records has changed if the answer is true. */
  revision: number;
  /** The ids of the records that it was read from. */
  readonly readFrom: readonly string[];
  readonly access: AccessToken;
  /** When the token ends, in milliseconds. */
  readonly endsAt: number;
  readonly answer: JsonAnswer;
  readonly bytes: number;
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
  readonly #kept = new BoundedCache<Kept>(MOST);

  constructor(private readonly stores: Pick<Stores, 'changedSince'>) {}

  /**
   * The answer to a request, if it is known to be what reading everything again would give.
   * @param revision the store's at this request; undefined when the store does not count them
   */
  at(revision: number | undefined, request: string): JsonAnswer | undefined {
    if (revision === undefined) return undefined;
    const kept = this.#living(request);
    if (!kept) return undefined;
    if (kept.revision !== revision) {
      if (this.stores.changedSince(kept.revision, kept.readFrom)) return undefined;
      kept.revision = revision;
    }
    return kept.answer;
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
    return kept && kept.endsAt > Date.now() ? kept : undefined;
  }

  /**
   * Keeps an active answer, unless it is very long.
   * @param revision as it was before anything that the answer says was read: if some of that has changed meanwhile, it
   *   has changed since then, and the next request finds it
   * @param access what is known of the token, which is the same for the same request
   */
  keep(revision: number | undefined, request: string, access: AccessToken, answer: JsonAnswer): void {
    if (revision === undefined || answer.bytes > LONGEST_ANSWER) return;
    const { readFrom, endsAt } = this.#kept.get(request) ?? restingOn(access);
    this.#kept.set(request, { revision, readFrom, access, endsAt, answer, bytes: answer.bytes + BESIDE });
  }
}

/** What an answer about a token depends on beside the token. */
const restingOn = ({ connectionId, accountId, organizationId, expiresAt }: AccessToken) => ({
  readFrom: [connectionId, accountId, organizationId, memberId(organizationId, accountId)],
  endsAt: expiresAt * 1_000,
});
