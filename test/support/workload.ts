/** Clients and people who go on working whatever happens to the servers, and remember what they were told. */
import { expect } from '@jest/globals';
import { type Answer, introspect, type TestClient, type Tokens } from './client.js';
import { connectAndRevoke, introspectOn, moveSwitch, refreshOn } from './workloadLanes.js';

/** Tokens and what happened to Redis before they were issued: an access token is lost with it. */
export interface Held extends Tokens {
  readonly redisLife: number;
}

export class Workload {
  /** Answers that must never be. */
  readonly wrong: string[] = [];
  readonly connected: Held[] = [];
  readonly removed: Held[] = [];
  /** What each refreshing client was told last. */
  readonly newest = new Map<number, Held>();
  /** Where the switch stands as the admin was told; undefined while nobody can know. */
  mcpAccess: boolean | undefined;
  /** A connection in the organization whose switch is moved. */
  switched: Held | undefined;
  /** How many answers of each status there were. */
  readonly statuses = new Map<number, number>();
  redisLife = 0;
  #stopped = false;

  /**
   * @param clients the same client at each server
   * @param serversMayDie whether a request may end without an answer
   */
  constructor(
    readonly clients: readonly TestClient[],
    readonly serversMayDie: boolean,
  ) {}

  /**
   * Works while something happens. Everything is connected before that begins, and what is under way finishes after it.
   * @param happening the trouble
   */
  async during(happening: () => Promise<void>): Promise<void> {
    const connecting = this.clients.flatMap((client, n) => [
      refreshOn(this, client, n),
      connectAndRevoke(this, client),
    ]);
    const ready = await Promise.all([...connecting, moveSwitch(this, this.client(0))]);
    const all = [...ready, ...this.clients.map((client, n) => introspectOn(this, client, n))];
    const lanes = all.map(async (step) => {
      while (!this.#stopped) await step();
    });
    try {
      await happening();
    } finally {
      this.#stopped = true;
      await Promise.all(lanes);
    }
  }

  /** To be called right before Redis comes back empty. */
  redisComesBackEmpty(): void {
    this.redisLife += 1;
  }

  client(n: number): TestClient {
    const client = this.clients[n % this.clients.length];
    if (!client) throw new Error('No client.');
    return client;
  }

  held(tokens: Tokens, redisLife = this.redisLife): Held {
    return { ...tokens, redisLife };
  }

  /** Whether this server may have forgotten the access token. */
  isLost({ redisLife }: Held): boolean {
    return redisLife < this.redisLife;
  }

  /**
   * Sends a request.
   * @param allowed the statuses that are right beside 503 with Retry-After
   * @returns the answer when it has one of them, else undefined
   */
  async ask(what: string, allowed: readonly number[], send: () => Promise<Answer>): Promise<Answer | undefined> {
    let answer: Answer;
    try {
      answer = await send();
    } catch (error) {
      if (!this.serversMayDie) this.wrong.push(`${what}: ${error} ${(error as Error).cause ?? ''}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
      return undefined;
    }
    const { status, headers, text } = answer;
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
    if (allowed.includes(status)) return answer;
    if (status !== 503 || !headers.has('retry-after')) this.wrong.push(`${what}: ${status} ${text.slice(0, 300)}`);
    return undefined;
  }

  /** Nothing that was acknowledged is lost, and nothing that was removed works. */
  async expectAllHeld(): Promise<void> {
    expect(this.wrong).toEqual([]);
    const { server } = this.client(0);
    for (const held of this.connected) if (!this.isLost(held)) await this.#expectActive(held, true);
    for (const held of this.removed) {
      expect((await introspect(server, held.accessToken)).text).toBe('{"active":false}');
      expect((await this.client(1).refresh(held.refreshToken)).json.error).toBe('invalid_grant');
    }
    for (const [n, { refreshToken }] of this.newest) {
      const answer = await this.client(n + 1).refresh(refreshToken);
      expect(`${answer.status} ${answer.text}`).toMatch(/^200 /);
      const { access_token } = answer.json;
      expect((await introspect(server, String(access_token))).json.active).toBe(true);
    }
    if (this.mcpAccess !== undefined && this.switched && !this.isLost(this.switched))
      await this.#expectActive(this.switched, this.mcpAccess);
  }

  async #expectActive({ accessToken }: Held, active: boolean): Promise<void> {
    expect((await introspect(this.client(0).server, accessToken)).json.active).toBe(active);
  }
}
