/** The volatile store on LMDB: each value under its kind and the SHA-256 of its key. */
import type { Key } from 'lmdb';
import { secretHash } from '../../ids.js';
import type { VolatileKind, VolatileStore } from '../volatile.js';
import { expiryKey } from './keys.js';
import { sweepExpired } from './sweep.js';
import { type StoredValue, type Tables, write } from './tables.js';

export class EmbeddedVolatileStore implements VolatileStore {
  constructor(private readonly tables: Tables) {}

  async get<T>(kind: VolatileKind<T>, key: string): Promise<T | undefined> {
    const stored = this.tables.values.get(valueKey(kind.name, secretHash(key)));
    return isLive(stored, Date.now()) ? (stored?.value as T) : undefined;
  }

  async set<T>(kind: VolatileKind<T>, key: string, value: T, expiresAt: number): Promise<void> {
    const [hash, next] = [secretHash(key), { value: kind.schema.parse(value), expiresAt }];
    await write(this.tables, () => this.#write(kind.name, hash, next));
  }

  async add<T>(kind: VolatileKind<T>, key: string, value: T, expiresAt: number): Promise<boolean> {
    const [hash, next] = [secretHash(key), { value: kind.schema.parse(value), expiresAt }];
    return write(this.tables, () => {
      if (isLive(this.tables.values.get(valueKey(kind.name, hash)), Date.now())) return false;
      this.#write(kind.name, hash, next);
      return true;
    });
  }

  async remove(kind: VolatileKind<unknown>, key: string): Promise<void> {
    const hash = secretHash(key);
    await write(this.tables, () => this.#write(kind.name, hash, undefined));
  }

  async sweep(): Promise<void> {
    const { values, valueExpiry } = this.tables;
    await sweepExpired(this.tables, valueExpiry, (kind, hash, now) => {
      if (!isLive(values.get(valueKey(kind, hash)), now)) void values.remove(valueKey(kind, hash));
    });
  }

  /** The old expiry entry goes at once: a session is written again and again, and its entries would pile up. */
  #write(kind: string, hash: string, next: StoredValue | undefined): void {
    const { values, valueExpiry } = this.tables;
    const key = valueKey(kind, hash);
    const old = values.get(key);
    // First, because a value that JSON cannot hold throws here, and then nothing must have been written.
    void (next ? values.put(key, next) : values.remove(key));
    if (old) void valueExpiry.remove(expiryKey(old.expiresAt, kind, hash));
    if (next) void valueExpiry.put(expiryKey(next.expiresAt, kind, hash), [kind, hash]);
  }
}

const valueKey = (kind: string, hash: string): Key => [kind, hash];

const isLive = (stored: StoredValue | undefined, now: number): boolean =>
  stored !== undefined && stored.expiresAt > now;
