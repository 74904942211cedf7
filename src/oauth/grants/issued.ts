/** What one token request has issued, where the store may not have said so. */
import { type RefreshToken, refreshTokens } from '../../stores/records/refreshToken.js';
import type { Stores } from '../../stores/stores.js';

/**
 * A store that goes away during a commit leaves open whether it was made, and the request is then tried again
 * (`tokenWaiting.ts`). Whoever finds the code or refresh token used by then asks here first: what the request itself has
 * used must neither be taken for a reuse nor be used once more. The refresh token of the same commit tells, since this request
 * alone has seen it.
 */
export class Issued {
  readonly #responses = new Map<string, object>();

  /** To be called before the commit that inserts the refresh token. */
  begin(refreshToken: RefreshToken, response: object): void {
    this.#responses.set(refreshToken.id, response);
  }

  /** The response whose commit was made; undefined when none was. */
  async response({ durable }: Stores): Promise<object | undefined> {
    for (const [id, response] of this.#responses) if (await durable.get(refreshTokens, id)) return response;
    return undefined;
  }
}
