/** One server at a time sets a database up: what an engine makes of the same index begun twice at once is its own affair. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Db } from 'mongodb';
import { newSecret } from '../../ids.js';
import { duplicateKey } from './errors.js';

/** Longer than an empty database takes. Whoever takes over a work that lasts longer makes the same again, in vain. */
const CLAIM_MILLISECONDS = 10_000;
const LOOK_AGAIN_MILLISECONDS = 50;

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
  while (!(await claimed(db, by))) await pause(LOOK_AGAIN_MILLISECONDS);
  try {
    return await work();
  } finally {
    await claimsOf(db).deleteOne({ _id: 'set-up', by });
  }
}

/** @returns false while somebody else's claim holds */
async function claimed(db: Db, by: string): Promise<boolean> {
  const now = Date.now();
  const claim = { by, until: new Date(now + CLAIM_MILLISECONDS) };
  try {
    await claimsOf(db).updateOne({ _id: 'set-up', until: { $lt: new Date(now) } }, { $set: claim }, { upsert: true });
    return true;
  } catch (error) {
    if (duplicateKey('meta', error)) return false;
    throw error;
  }
}

const claimsOf = (db: Db) => db.collection<Claim>('meta');
