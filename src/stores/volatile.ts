/** The store of what may be lost: sign-in sessions, interactions, authorization codes, access tokens. */
import type { z } from 'zod';

/** A kind of volatile value, e.g. `access-token`. */
export interface VolatileKind<T> {
  readonly name: string;
  readonly schema: z.ZodType<T>;
}

/**
 * Declares a kind of volatile value.
 * @param name stands in the stored key; change it and what is stored is lost
 * @param schema parses each value that is written
 */
export function volatileKind<T>(name: string, schema: z.ZodType<T>): VolatileKind<T> {
  return { name, schema };
}

/**
 * Keys are secrets (tokens, codes, session ids), so a store keeps only their SHA-256 hash. Times are milliseconds since
 * 1970 (UTC). Expiry is checked on every read; each read returns a fresh object.
 */
export interface VolatileStore {
  get<T>(kind: VolatileKind<T>, key: string): Promise<T | undefined>;

  /** Writes a value, over an older one if there is any. */
  set<T>(kind: VolatileKind<T>, key: string, value: T, expiresAt: number): Promise<void>;

  /** Writes a value only where none is, and says whether it did: of N callers at once exactly one gets `true`. */
  add<T>(kind: VolatileKind<T>, key: string, value: T, expiresAt: number): Promise<boolean>;

  /** Takes a value away; one that is not there is no error. */
  remove(kind: VolatileKind<unknown>, key: string): Promise<void>;

  /** Deletes values whose time is over. Reads never depend on it. */
  sweep(): Promise<void>;
}
