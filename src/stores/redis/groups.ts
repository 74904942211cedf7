/** Which values belong to a group: a sorted set of their key hashes by the time at which they expire. */
import { secretHash } from '../../ids.js';
import { GROUP_LISTED } from '../volatile.js';
import type { Answered } from './client.js';
import { ADD_TO_GROUP } from './scripts.js';

/** More than are listed, so that members whose value is gone do not crowd out others; and never more than that. */
const KEPT = 2 * GROUP_LISTED;

/** The groups of all kinds. */
export class Groups {
  constructor(private readonly answered: Answered) {}

  async add(kind: string, group: string, hash: string, expiresAt: number): Promise<void> {
    const key = groupKey(kind, group);
    await this.answered((redis) => redis.eval(ADD_TO_GROUP, 1, key, hash, expiresAt, Date.now(), KEPT));
  }

  async remove(kind: string, group: string, hash: string): Promise<void> {
    await this.answered((redis) => redis.zrem(groupKey(kind, group), hash));
  }

  /** Key hashes, those that expire last first; their values may have gone or joined another group since. */
  members(kind: string, group: string): Promise<string[]> {
    return this.answered((redis) => redis.zrevrange(groupKey(kind, group), 0, -1));
  }
}

const groupKey = (kind: string, group: string): string => `mcp:${kind}:group:${secretHash(group)}`;
