/** Multi-document transactions, retried as long as somebody waits for the answer. */
import { setTimeout as pause } from 'node:timers/promises';
import { type ClientSession, type MongoClient, MongoError } from 'mongodb';
import { isOutOfReach, isTransient } from './errors.js';

/** The driver's own `withTransaction` goes on for two minutes, also while no server can be reached. */
const RETRIED_FOR_MS = 5_000;

/**
 * Runs a function in a transaction, from the start again when the transaction met another one.
 * @param work sends everything with the session it is given
 * @returns what the function returned, once a majority of the replica set has written the transaction to disk
 * @throws what the function or MongoDB threw in the last attempt
 */
export async function inTransaction<T>(client: MongoClient, work: (session: ClientSession) => Promise<T>): Promise<T> {
  const deadline = performance.now() + RETRIED_FOR_MS;
  for (let round = 0; ; round += 1) {
    try {
      return await attempt(client, work, deadline);
    } catch (error) {
      if (!isTransient(error) || performance.now() > deadline) throw error;
    }
    // Random, so that those who collided once do not march in step.
    await pause(Math.random() * Math.min(5 * 1.5 ** round, 200));
  }
}

async function attempt<T>(
  client: MongoClient,
  work: (session: ClientSession) => Promise<T>,
  deadline: number,
): Promise<T> {
  const session = client.startSession();
  try {
    session.startTransaction({ readConcern: { level: 'snapshot' } });
    const result = await work(session);
    await commit(session, deadline);
    return result;
  } catch (error) {
    const aborted = session.inTransaction() ? session.abortTransaction() : Promise.resolve();
    // Behind a lost connection there is nobody to tell; the database ends such a transaction by itself.
    if (isOutOfReach(error)) aborted.catch(() => undefined);
    else await aborted.catch(() => undefined);
    throw error;
  } finally {
    session.endSession().catch(() => undefined);
  }
}

/** A commit whose answer was lost is asked for again: MongoDB then says how it went. */
async function commit(session: ClientSession, deadline: number): Promise<void> {
  for (;;) {
    try {
      return await session.commitTransaction();
    } catch (error) {
      const unknown = error instanceof MongoError && error.hasErrorLabel('UnknownTransactionCommitResult');
      if (!unknown || performance.now() > deadline) throw error;
    }
  }
}
