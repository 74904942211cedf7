/** The volatile store on Redis: one key a value, so that nothing has to share a slot. */
import { GROUP_LISTED, type GroupedValue, type VolatileKind, type VolatileStore } from '../volatile.js';
import type { Answered } from './client.js';
import { Groups } from './groups.js';
import { DELETE_IF_BEGINS, REPLACE_IF_SAME } from './scripts.js';
import { groupPrefix, isLive, type Kept, readKept, writeKept } from './values.js';

/** Every call fails with StoreUnavailableError while Redis is away. */
export class RedisVolatileStore implements VolatileStore {
  readonly #groups: Groups;

  constructor(private readonly answered: Answered) {
    this.#groups = new Groups(answered);
  }

  async get<T>(kind: VolatileKind<T>, key: string): Promise<T | undefined> {
    return (await this.#live<T>(kind, kind.hash(key)))?.value;
  }

  async set<T>(kind: VolatileKind<T>, key: string, value: T, expiresAt: number, group?: string): Promise<void> {
    const hash = kind.hash(key);
    const text = writeKept({ group, expiresAt, value: kind.schema.parse(value) });
    // First the group: a member without a value is passed over, a value that its group lacks could not be found.
    if (group !== undefined) await this.#groups.add(kind.name, group, hash, expiresAt);
    await this.answered((redis) => redis.set(valueKey(kind, hash), text, 'PX', lifetime(expiresAt)));
  }

  async add<T>(kind: VolatileKind<T>, key: string, value: T, expiresAt: number): Promise<boolean> {
    const redisKey = valueKey(kind, kind.hash(key));
    const text = writeKept({ expiresAt, value: kind.schema.parse(value) });
    for (;;) {
      const px = lifetime(expiresAt);
      if (await this.answered((redis) => redis.set(redisKey, text, 'PX', px, 'NX'))) return true;
      const old = await this.answered((redis) => redis.get(redisKey));
      if (old === null) continue;
      if (isLive(readKept(old), Date.now())) return false;
      // Over for this server and not yet for Redis: their clocks differ. Whoever replaces that very text has added.
      if (await this.answered((redis) => redis.eval(REPLACE_IF_SAME, 1, redisKey, old, text, px))) return true;
    }
  }

  async remove(kind: VolatileKind<unknown>, key: string): Promise<void> {
    const hash = kind.hash(key);
    const text = await this.answered((redis) => redis.getdel(valueKey(kind, hash)));
    const group = text === null ? undefined : readKept(text).group;
    if (group !== undefined) await this.#groups.remove(kind.name, group, hash);
  }

  async listGroup<T>(kind: VolatileKind<T>, group: string): Promise<GroupedValue<T>[]> {
    const hashes = await this.#groups.members(kind.name, group);
    const found = await Promise.all(
      hashes.map(async (keyHash) => ({ keyHash, kept: await this.#live<T>(kind, keyHash) })),
    );
    return found
      .flatMap(({ keyHash, kept }) => (kept?.group === group ? [{ keyHash, ...kept }] : []))
      .sort((one, other) => other.expiresAt - one.expiresAt)
      .slice(0, GROUP_LISTED)
      .map(({ keyHash, value }) => ({ keyHash, value }));
  }

  async removeFromGroup(kind: VolatileKind<unknown>, group: string, keyHash: string): Promise<void> {
    await this.answered((redis) => redis.eval(DELETE_IF_BEGINS, 1, valueKey(kind, keyHash), groupPrefix(group)));
    await this.#groups.remove(kind.name, group, keyHash);
  }

  /** Redis deletes by itself what has expired. */
  async sweep(): Promise<void> {}

  async #live<T>(kind: VolatileKind<T>, hash: string): Promise<Kept<T> | undefined> {
    const text = await this.answered((redis) => redis.get(valueKey(kind, hash)));
    if (text === null) return undefined;
    const kept = readKept<T>(text);
    return isLive(kept, Date.now()) ? kept : undefined;
  }
}

const valueKey = ({ name }: VolatileKind<unknown>, hash: string): string => `mcp:${name}:${hash}`;

/** A length and not a moment, so that the clock of Redis does not matter. */
const lifetime = (expiresAt: number): number => Math.max(1, Math.ceil(expiresAt - Date.now()));
