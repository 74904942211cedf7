/** The store of what may be lost: sign-in sessions, interactions, authorization codes, access tokens. */
import type { z } from 'zod';
import { secretHash } from '../ids.js';

/** A kind of volatile value, e.g. `access-token`. */
export interface VolatileKind<T> {
  readonly name: string;
  readonly schema: z.ZodType<T>;
  /** What is stored in place of a key. */
  readonly hash: (key: string) => string;
  /** Hashes begin with a time at which the value is over (`timeDigits`), so no entry has to tell it. Never grouped. */
  readonly inOrderOfEnd?: true;
}

/**
 * Declares a kind of volatile value.
 * @param name stands in the stored key; change it and what is stored is lost
 * @param schema parses each value that is written
 * @param more `hash`: what is stored in place of a key, which is a secret
 */
export function volatileKind<T>(
  name: string,
  schema: z.ZodType<T>,
  more: Partial<Pick<VolatileKind<T>, 'hash' | 'inOrderOfEnd'>> = {},
): VolatileKind<T> {
  return { name, schema, hash: secretHash, ...more };
}

/** A value to be written. */
export interface VolatileWrite<T = unknown> {
  readonly kind: VolatileKind<T>;
  readonly key: string;
  readonly value: T;
  /** Milliseconds since 1970, UTC. */
  readonly expiresAt: number;
}

/** A value that was found by its group: its key is a secret that nobody has, so the key's hash stands for it. */
export interface GroupedValue<T> {
  readonly keyHash: string;
  readonly value: T;
}

/** So many values of a group are listed at most; the others are found by their keys alone. */
export const GROUP_LISTED = 50;

/**
 * Keys are secrets (tokens, codes, session ids), so a store keeps only their hashes. Times are milliseconds since
 * 1970 (UTC). Expiry is checked on every read; each read returns a fresh object.
 */
export interface VolatileStore {
  get<T>(kind: VolatileKind<T>, key: string): Promise<T | undefined>;

  /**
   * Writes a value, over an older one if there is any.
   * @param group by which `listGroup` finds it, e.g. an account's id; a later write without one takes it out again
   */
  set<T>(kind: VolatileKind<T>, key: string, value: T, expiresAt: number, group?: string): Promise<void>;

  /** Writes a value only where none is, and says whether it did: of N callers at once exactly one gets `true`. */
  add<T>(kind: VolatileKind<T>, key: string, value: T, expiresAt: number): Promise<boolean>;

  /** Takes a value away; one that is not there is no error. */
  remove(kind: VolatileKind<unknown>, key: string): Promise<void>;

  /** The values of a group, those that expire last first, at most `GROUP_LISTED`. */
  listGroup<T>(kind: VolatileKind<T>, group: string): Promise<GroupedValue<T>[]>;

  /** Takes a value away by the hash that `listGroup` told; one that is not there or not in this group is no error. */
  removeFromGroup(kind: VolatileKind<unknown>, group: string, keyHash: string): Promise<void>;

  /** Deletes values whose time is over. Reads never depend on it. */
  sweep(): Promise<void>;
}
