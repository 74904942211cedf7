/** Asks several stores at once whether they can answer, and says of all that cannot. */
import { setTimeout as pause } from 'node:timers/promises';
import { StoreUnavailableError } from './stores.js';

/** Health checks ask often and must not pile up behind a store that hangs. */
const CHECK_MS = 2_000;

/**
 * @param checks by the store's name; each rejects when its store cannot answer
 * @throws StoreUnavailableError that names every store that did not answer in time, with the reason of the first
 */
export async function demandAnswers(checks: Readonly<Record<string, () => Promise<unknown>>>): Promise<void> {
  const outcomes = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => ({ name, error: await failureOf(check) })),
  );
  const failed = outcomes.filter(({ error }) => error !== undefined);
  if (failed.length === 0) return;
  const away = failed.map(({ name }) => name);
  throw new StoreUnavailableError(`${away.join(' and ')} cannot answer now.`, { cause: failed[0]?.error, away });
}

const failureOf = (check: () => Promise<unknown>): Promise<Error | undefined> =>
  Promise.race([
    check().then(() => undefined, reasonOf),
    pause(CHECK_MS, new Error(`no answer within ${CHECK_MS} ms`), { ref: false }),
  ]);

/** What the driver said, where the error is only this server's word for it. */
const reasonOf = (error: Error): Error =>
  error instanceof StoreUnavailableError && error.cause instanceof Error ? error.cause : error;
