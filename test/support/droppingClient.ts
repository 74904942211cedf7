/**
 * A client that keeps its tokens as Gemini CLI 0.61 (`getValidToken`) and VS Code 1.138 do: it refreshes before a request
 * when the token has at most five minutes left, and drops everything on any other answer than 200. Neither can be installed
 * for these tests: the one brings 500 packages, the other is an editor.
 */
import type { TestClient, Tokens } from './client.js';

/** The token is taken for expired so long before it is, in seconds. */
const EARLY_S = 300;

export class DroppingClient {
  #tokens: Tokens | undefined;
  #obtainedAt = performance.now();
  /** Why it dropped its tokens. */
  dropped: string | undefined;

  constructor(
    readonly client: TestClient,
    tokens: Tokens,
    /** Named at each refresh, as Gemini CLI does with its configured scopes. */
    readonly scope: string,
  ) {
    this.#tokens = tokens;
  }

  /** The access token for the next request; undefined when it would ask its person to sign in. */
  async accessToken(): Promise<string | undefined> {
    const tokens = this.#tokens;
    if (!tokens || performance.now() - this.#obtainedAt < (tokens.expiresIn - EARLY_S) * 1_000)
      return tokens?.accessToken;
    const answer = await this.client
      .refresh(tokens.refreshToken, { scope: this.scope })
      .catch((error: unknown) => ({ status: 0, text: String(error), json: {} as Record<string, unknown> }));
    const { access_token: accessToken, refresh_token: refreshToken, expires_in: expiresIn } = answer.json;
    if (answer.status !== 200 || typeof accessToken !== 'string') {
      this.dropped = `${answer.status} ${answer.text}`;
      this.#tokens = undefined;
      return undefined;
    }
    this.#tokens = { ...tokens, accessToken, refreshToken: String(refreshToken), expiresIn: Number(expiresIn) };
    this.#obtainedAt = performance.now();
    return accessToken;
  }
}
