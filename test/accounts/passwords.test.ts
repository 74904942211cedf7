import { describe, expect, test } from '@jest/globals';
import { hashPassword, isPasswordHash, passwordProblem, verifyPassword } from '../../src/accounts/passwords.js';

describe('a password hash', () => {
  test('is argon2id with 19 MiB of memory, two passes and one lane', async () => {
    expect(await hashPassword('demo-password')).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  });

  test('has a salt of its own', async () => {
    expect(await hashPassword('demo-password')).not.toBe(await hashPassword('demo-password'));
  });

  test('belongs to its password and no other', async () => {
    const hash = await hashPassword('demo-password');
    expect(await verifyPassword(hash, 'demo-password')).toBe(true);
    expect(await verifyPassword(hash, 'Demo-password')).toBe(false);
    expect(await verifyPassword(hash, 'demo-password ')).toBe(false);
    expect(await verifyPassword(hash, '')).toBe(false);
  });

  test('belongs to the password in either Unicode spelling of its accents', async () => {
    const hash = await hashPassword('caf\u00e9-au-lait');
    expect(await verifyPassword(hash, 'cafe\u0301-au-lait')).toBe(true);
  });

  test('is recognised, and other things are not', async () => {
    expect(isPasswordHash(await hashPassword('demo-password'))).toBe(true);
    for (const text of ['', 'demo-password', '$2b$10$N9qo8uLOickgx2ZMRZoMye', '$argon2id$v=19$m=19456,t=2,p=1$x'])
      expect(isPasswordHash(text)).toBe(false);
    expect(isPasswordHash('$argon2i$v=19$m=16,t=2,p=1$MTIzNDU2Nzg$9fJ3OgvNLkQ4JQ0Y3kqjHw')).toBe(false);
  });
});

describe('an account that does not exist', () => {
  test('has no password', async () => {
    expect(await verifyPassword(undefined, 'demo-password')).toBe(false);
  });

  test('is refused after as much work as a wrong password', async () => {
    const hash = await hashPassword('demo-password');
    const fastest = async (stored: string | undefined): Promise<number> => {
      const times: number[] = [];
      for (let round = 0; round < 8; round++) {
        const start = performance.now();
        await verifyPassword(stored, 'wrong-password');
        times.push(performance.now() - start);
      }
      return Math.min(...times);
    };
    const ratio = (await fastest(undefined)) / (await fastest(hash));
    expect(ratio).toBeGreaterThan(0.4);
    expect(ratio).toBeLessThan(2.5);
  });
});

describe('a new password', () => {
  test.each(['12345678', 'x'.repeat(1024), '🐧'.repeat(8), 'with blanks in it'])('%s is accepted', (password) => {
    expect(passwordProblem(password)).toBeUndefined();
  });

  test.each(['', '1234567', '🐧'.repeat(7)])('%j is too short', (password) => {
    expect(passwordProblem(password)).toMatch(/at least 8/);
  });

  test('of more than 1,024 characters is too long', () => {
    expect(passwordProblem('x'.repeat(1025))).toMatch(/at most 1,024/);
  });
});
