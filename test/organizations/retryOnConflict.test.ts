import { expect, test } from '@jest/globals';
import { ConflictError } from '../../src/stores/durable.js';
import { retryOnConflict } from '../../src/stores/retryOnConflict.js';
import { StoreUnavailableError } from '../../src/stores/stores.js';

test('an attempt that meets a conflict begins again and its answer is the last round’s', async () => {
  let rounds = 0;
  const answer = await retryOnConflict(async () => {
    rounds += 1;
    if (rounds < 4) throw new ConflictError('accounts');
    return rounds;
  });
  expect(answer).toBe(4);
});

test('after twenty conflicts it gives up: later, and not no', async () => {
  let rounds = 0;
  const attempt = retryOnConflict(async () => {
    rounds += 1;
    throw new ConflictError('accounts');
  });
  await expect(attempt).rejects.toBeInstanceOf(StoreUnavailableError);
  expect(rounds).toBe(20);
});

test('any other error ends it at once', async () => {
  let rounds = 0;
  const attempt = retryOnConflict(async () => {
    rounds += 1;
    throw new Error('the store is gone');
  });
  await expect(attempt).rejects.toThrow('the store is gone');
  expect(rounds).toBe(1);
});
