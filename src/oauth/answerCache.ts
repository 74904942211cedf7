/**
 * Introspection answers that are still true: everything an answer says was read at one revision of the store, and as
 * long as the store is at that revision nothing of it has changed. The revision is read at every request and is counted
 * up inside each change's own transaction, by whichever process makes it.
 */
import type { Introspection } from './introspection.js';
import type { AuthenticatedResourceServer } from './resourceServers.js';

/** So many answers of about a kilobyte each are kept at most. */
const MOST_ANSWERS = 20_000;

interface Kept {
  readonly revision: number;
  readonly server: AuthenticatedResourceServer;
  /** Milliseconds, UTC. */
  readonly expiresAt: number;
  readonly json: Buffer;
}

export class AnswerCache {
  readonly #kept = new Map<string, Kept>();

  /**
   * The answer about a token, if it is known to be what reading everything again would give.
   * @param revision the store's at this request; undefined when the store does not count them
   */
  at(revision: number | undefined, server: AuthenticatedResourceServer, token: string): Buffer | undefined {
    if (revision === undefined) return undefined;
    const kept = this.#kept.get(token);
    return kept?.revision === revision && kept.server === server && kept.expiresAt > Date.now() ? kept.json : undefined;
  }

  /**
   * Serialises an answer, and keeps it if it is an active one and the store counts revisions.
   * @param revision as it was before anything that the answer says was read
   */
  keep(
    revision: number | undefined,
    server: AuthenticatedResourceServer,
    token: string,
    answer: Introspection,
  ): Buffer {
    const json = Buffer.from(JSON.stringify(answer));
    if (!answer.active || revision === undefined) return json;
    if (this.#kept.size >= MOST_ANSWERS) this.#kept.clear();
    this.#kept.set(token, { revision, server, expiresAt: answer.exp * 1_000, json });
    return json;
  }
}
