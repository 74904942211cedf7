/** Tokens and what is stored in their place: random throughout, in the order of their making, told apart by nothing else. */
import { describe, expect, test } from '@jest/globals';
import { newToken, random, secretHash, tokenHash } from '../../src/ids.js';

const SECOND = 1_000;

describe('A token', () => {
  test('has 43 random characters behind nine of time', () => {
    const tokens = Array.from({ length: 1_000 }, () => newToken(Date.now()));
    expect(tokens.every((token) => /^[0-9a-z]{9}[\w-]{43}$/.test(token))).toBe(true);
    expect(new Set(tokens.map((token) => token.slice(9))).size).toBe(1_000);
  });

  test('of a later time stands behind one of a time before, and so does what is stored of it', () => {
    const tokens = [0, 0.001, 1, 36, 3_600, 86_400, 400 * 86_400].map((seconds) =>
      newToken(Date.now() + seconds * SECOND),
    );
    expect(tokens.toSorted()).toEqual(tokens);
    const hashes = tokens.map(tokenHash);
    expect(hashes.toSorted()).toEqual(hashes);
  });

  test('is stored as its time and the hash of all of it', () => {
    const token = newToken(Date.now());
    expect(tokenHash(token)).toBe(token.slice(0, 9) + secretHash(token));
    expect(tokenHash(token)).not.toContain(token.slice(9));
  });

  test.each([
    ['of an older version, without a time', newToken(0).slice(9)],
    ['that somebody made up', `0000000${'x'.repeat(60)}`],
    ['with odd letters for a time', `A\u0000B/..C${newToken(0).slice(9)}`],
    ['that is empty', ''],
  ])('%s is stored as its hash alone', (_what, token) => {
    expect(tokenHash(token)).toBe(secretHash(token));
  });
});

test('Random bytes are given out once', () => {
  const all = Array.from({ length: 2_000 }, (_, n) => random(12 + (n % 30)).toString('hex'));
  expect(new Set(all.map((bytes) => bytes.slice(0, 24))).size).toBe(2_000);
});
