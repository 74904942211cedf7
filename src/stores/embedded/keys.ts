/** How names, ids and index values become keys of LMDB, whose keys are at most 1,978 bytes long. */
import { createHash } from 'node:crypto';
import type { Key } from 'lmdb';
import { timeDigits } from '../../ids.js';
import type { IndexValue } from '../collection.js';

/** What a key has to share among its parts; the rest is for collection and index names, separators and a number's nine bytes. */
const KEY_BYTES = 1_800;

/** A replaced value ends in this and the 64 digits of its hash. */
const HASH_BYTES = 65;

/**
 * A string shorter than this is always kept: the key encoding escapes its control characters. In a longer one it does
 * not, so that U+0000, which separates the parts of a key, would make two different keys the same.
 */
const ALWAYS_KEPT = 64;

/** After every key that begins with the same parts: no byte of an encoded part is 0xff. */
const AFTER = Uint8Array.of(0xff);

/**
 * One part of a key.
 * A string that does not fit, or that the key encoding would garble, becomes its beginning and its SHA-256: equality
 * stays exact, the order among such values only as far as their beginnings differ.
 * @param parts how many parts share the key; each gets the same room
 */
export function keyPart(value: IndexValue, parts: number): IndexValue {
  // -0 and 0 are equal, but their bytes are not.
  if (typeof value === 'number') return value === 0 ? 0 : value;
  if (value.length < ALWAYS_KEPT) return value;
  const room = Math.floor(KEY_BYTES / parts) - HASH_BYTES;
  const plain = plainBeginning(value, room);
  if (plain.length === value.length) return value;
  return `${plain}\u0005${createHash('sha256').update(value, 'utf16le').digest('hex')}`;
}

/** As much of a value as is well-formed Unicode without the first control characters and has at most so many bytes. */
function plainBeginning(value: string, bytes: number): string {
  let used = 0;
  let length = 0;
  for (const character of value) {
    const code = character.codePointAt(0) ?? 0;
    if (code <= 5 || (code >= 0xd800 && code <= 0xdfff)) break;
    used += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    if (used > bytes) break;
    length += character.length;
  }
  return value.slice(0, length);
}

/** Where a record stands. */
export const recordKey = (collection: string, id: string): Key => [collection, keyPart(id, 1)];

/**
 * Where an index entry stands.
 * @param values all values of the index, in the order of its fields
 */
export const indexKey = (collection: string, index: string, values: readonly IndexValue[], id: string): Key => {
  const parts = values.length + 1;
  return [collection, index, ...values.map((value) => keyPart(value, parts)), keyPart(id, parts)];
};

/**
 * The stretch of an index whose entries begin with these values.
 * @param fields how many fields the index has
 */
export function indexRange(collection: string, index: string, values: readonly IndexValue[], fields: number) {
  const start: Key[] = [collection, index, ...values.map((value) => keyPart(value, fields + 1))];
  return { start, end: [...start, AFTER] };
}

/**
 * The stretch of a collection's records that were made before a time, where their ids begin with it.
 * @param at milliseconds since 1970
 */
export const madeBefore = (collection: string, at: number) => ({
  start: [collection],
  end: [collection, timeDigits(at)],
});

/** Where a value stands that is in the order of its end. */
export const endingKey = (kind: string, hash: string): Key => [hash, kind];

/** The stretch of those that ended before a time (milliseconds since 1970). */
export const endedBefore = (at: number) => ({ end: [timeDigits(at)] });

/** Where the entry stands by which `sweep` finds a record or value once its time is over. */
export const expiryKey = (keptUntil: number, owner: string, id: string): Key => [keptUntil, owner, keyPart(id, 1)];

/** Where the entry stands by which a group finds a value. */
export const groupKey = (kind: string, group: string, expiresAt: number, hash: string): Key => [
  kind,
  keyPart(group, 1),
  expiresAt,
  hash,
];

/** The stretch of a group's entries whose time is not over, those that expire last first. */
export const groupRange = (kind: string, group: string, now: number) => ({
  start: [kind, keyPart(group, 1), AFTER],
  end: [kind, keyPart(group, 1), now, AFTER],
  reverse: true,
});

/** The stretch of expiry entries whose time is over. */
export const expiredRange = (now: number) => ({ end: [now, AFTER] });
