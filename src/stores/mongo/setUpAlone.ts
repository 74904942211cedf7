/** One server at a time sets a database up: what an engine makes of the same index begun twice at once is its own affair. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Db, Filter } from 'mongodb';
import { newSecret } from '../../ids.js';
import { duplicateKey } from './errors.js';

/** A claim is renewed as long as its holder lives. */
const CLAIM_MS = 10_000;
const RENEW_MS = 3_000;
const LOOK_AGAIN_MS = 50;

interface Claim {
  readonly _id: string;
  readonly by: string;
  readonly until: Date;
}

/**
 * Waits until nobody else sets this database up, and does it then. A server that died meanwhile is waited for no longer
 * than ten seconds.
 * @param work finds what the others have done already
 */
export async function setUpAlone<T>(db: Db, work: () => Promise<T>): Promise<T> {
  const by = newSecret();
  while (!(await claimed(db, by))) await pause(LOOK_AGAIN_MS);
  const renewing = setInterval(() => {
    claimsOf(db)
      .updateOne({ _id: CLAIM, by }, { $set: { until: new Date(Date.now() + CLAIM_MS) } })
      .catch(() => undefined);
  }, RENEW_MS);
  try {
    return await work();
  } finally {
    clearInterval(renewing);
    // One that stays ends by itself.
    await claimsOf(db)
      .deleteOne({ _id: CLAIM, by })
      .catch(() => undefined);
  }
}

const CLAIM = 'set-up';

/** @returns false while somebody else's claim holds */
async function claimed(db: Db, by: string): Promise<boolean> {
  const now = Date.now();
  const [over, far] = [new Date(now), new Date(now + 2 * CLAIM_MS)];
  // One that ends later than any claim can was made by another clock.
  const free: Filter<Claim> = { _id: CLAIM, $or: [{ until: { $lt: over } }, { until: { $gt: far } }] };
  try {
    await claimsOf(db).updateOne(free, { $set: { by, until: new Date(now + CLAIM_MS) } }, { upsert: true });
    return true;
  } catch (error) {
    if (duplicateKey('meta', error)) return false;
    throw error;
  }
}

const claimsOf = (db: Db) => db.collection<Claim>('meta');
