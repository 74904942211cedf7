/** The volatile store on LMDB: each value under its kind and the SHA-256 of its key. */
import type { Key } from 'lmdb';
import {
  GROUP_LISTED,
  type GroupedValue,
  type VolatileKind,
  type VolatileStore,
  type VolatileWrite,
} from '../volatile.js';
import { endedBefore, endingKey, expiryKey, groupKey, groupRange } from './keys.js';
import { sweepExpired, sweepRange } from './sweep.js';
import { type StoredValue, type Tables, write } from './tables.js';

/** Shared by the processes that open the same folder; unlike Redis it survives a restart. */
export class EmbeddedVolatileStore implements VolatileStore {
  constructor(private readonly tables: Tables) {}

  async get<T>(kind: VolatileKind<T>, key: string): Promise<T | undefined> {
    const stored = this.#read(kind, kind.hash(key));
    return isLive(stored, Date.now()) ? (stored?.value as T) : undefined;
  }

  async set<T>(kind: VolatileKind<T>, key: string, value: T, expiresAt: number, group?: string): Promise<void> {
    await write(this.tables, this.prepared({ kind, key, value, expiresAt }, group));
  }

  /**
   * Makes ready to write a value.
   * @returns writes it; to be called within a write transaction
   */
  prepared<T>({ kind, key, value, expiresAt }: VolatileWrite<T>, group?: string): () => void {
    const [hash, next] = [kind.hash(key), { value: kind.schema.parse(value), expiresAt, group }];
    return () => this.#write(kind, hash, next);
  }

  async add<T>(kind: VolatileKind<T>, key: string, value: T, expiresAt: number): Promise<boolean> {
    const [hash, next] = [kind.hash(key), { value: kind.schema.parse(value), expiresAt }];
    return write(this.tables, () => {
      if (isLive(this.#read(kind, hash), Date.now())) return false;
      this.#write(kind, hash, next);
      return true;
    });
  }

  async remove(kind: VolatileKind<unknown>, key: string): Promise<void> {
    const hash = kind.hash(key);
    await write(this.tables, () => this.#write(kind, hash, undefined));
  }

  async listGroup<T>(kind: VolatileKind<T>, group: string): Promise<GroupedValue<T>[]> {
    const now = Date.now();
    const entries = this.tables.valueGroups.getRange({ ...groupRange(kind.name, group, now), limit: GROUP_LISTED });
    return Array.from(entries).flatMap(({ value: keyHash }) => {
      const stored = this.tables.values.get(valueKey(kind.name, keyHash));
      return isLive(stored, now) ? [{ keyHash, value: stored?.value as T }] : [];
    });
  }

  async removeFromGroup(kind: VolatileKind<unknown>, group: string, keyHash: string): Promise<void> {
    await write(this.tables, () => {
      const grouped = this.tables.values.get(valueKey(kind.name, keyHash))?.group === group;
      if (grouped) this.#writeListed(kind.name, keyHash, undefined);
    });
  }

  async sweep(): Promise<void> {
    const { tables } = this;
    await sweepExpired(tables, tables.valueExpiry, (expired) => {
      for (const [kind, hash] of expired) this.#writeListed(kind, hash, undefined);
    });
    const now = Date.now();
    await sweepRange(tables, tables.valuesByEnd, endedBefore(now), (stored) => !isLive(stored, now));
  }

  #read({ name, inOrderOfEnd }: VolatileKind<unknown>, hash: string): StoredValue | undefined {
    const { values, valuesByEnd } = this.tables;
    return inOrderOfEnd ? valuesByEnd.get(endingKey(name, hash)) : values.get(valueKey(name, hash));
  }

  #write({ name, inOrderOfEnd }: VolatileKind<unknown>, hash: string, next: StoredValue | undefined): void {
    const [{ valuesByEnd }, key] = [this.tables, endingKey(name, hash)];
    if (!inOrderOfEnd) this.#writeListed(name, hash, next);
    else void (next ? valuesByEnd.put(key, next) : valuesByEnd.remove(key));
  }

  /** The old expiry entry goes at once: a session is written again and again, and its entries would pile up. */
  #writeListed(kind: string, hash: string, next: StoredValue | undefined): void {
    const { values, valueExpiry } = this.tables;
    const key = valueKey(kind, hash);
    const old = values.get(key);
    // First, because a value that JSON cannot hold throws here, and then nothing must have been written.
    void (next ? values.put(key, next) : values.remove(key));
    if (old) void valueExpiry.remove(expiryKey(old.expiresAt, kind, hash));
    if (next) void valueExpiry.put(expiryKey(next.expiresAt, kind, hash), [kind, hash]);
    this.#moveInGroup(kind, hash, old, next);
  }

  #moveInGroup(kind: string, hash: string, old: StoredValue | undefined, next: StoredValue | undefined): void {
    const { valueGroups } = this.tables;
    if (old?.group !== undefined) void valueGroups.remove(groupKey(kind, old.group, old.expiresAt, hash));
    if (next?.group !== undefined) void valueGroups.put(groupKey(kind, next.group, next.expiresAt, hash), hash);
  }
}

const valueKey = (kind: string, hash: string): Key => [kind, hash];

const isLive = (stored: StoredValue | undefined, now: number): boolean =>
  stored !== undefined && stored.expiresAt > now;
