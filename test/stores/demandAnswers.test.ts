/** Readiness of several stores at once: every one that does not answer is named, and none is waited for too long. */
import { expect, test } from '@jest/globals';
import { demandAnswers } from '../../src/stores/demandAnswers.js';
import { StoreUnavailableError } from '../../src/stores/stores.js';

const answers = async (): Promise<void> => undefined;
const refuses = (why: string) => async (): Promise<void> => {
  throw new StoreUnavailableError('It cannot answer now.', { cause: new Error(why) });
};
const hangs = (): Promise<void> => new Promise(() => undefined);

const failureOf = (checks: Record<string, () => Promise<void>>): Promise<StoreUnavailableError> =>
  demandAnswers(checks).then(
    () => Promise.reject(new Error('all answered')),
    (error: StoreUnavailableError) => error,
  );

test('nothing is said when all answer', async () => {
  await demandAnswers({ MongoDB: answers, Redis: answers });
});

test('the one that is away is named, with the reason of its driver', async () => {
  const error = await failureOf({ MongoDB: answers, Redis: refuses('connect ECONNREFUSED') });
  expect(error).toBeInstanceOf(StoreUnavailableError);
  expect(error.away).toEqual(['Redis']);
  expect((error.cause as Error).message).toBe('connect ECONNREFUSED');
});

test('all that are away are named, one that hangs after two seconds', async () => {
  const error = await failureOf({ MongoDB: hangs, Redis: refuses('closed') });
  expect(error.away).toEqual(['MongoDB', 'Redis']);
  expect(error.message).toBe('MongoDB and Redis cannot answer now.');
  expect((error.cause as Error).message).toBe('no answer within 2000 ms');
});
