/** Introspection on MongoDB and Redis, beside a bare server that makes the same commands with the same drivers. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newCookieKey, newEncryptionKey } from '#src/secrets.js';
import type { Answer } from '../../cli/command.js';
import { issueTokens } from '../growth/accessTokens.js';
import { seedMongo } from '../growth/seededStores.js';
import { type Contestant, startProgram } from './contestant.js';
import { introspectedServer } from './ours.js';
import { measure, type Options } from './rounds.js';
import { table } from './table.js';
import type { Turn } from './turn.js';

const TOKENS = 1_000;
const CONNECTIONS = 1_000;
/** Enough to keep the server busy while it waits for the databases. */
const CLIENTS = 50;
const BARE = 'bare node:http, same commands';

/**
 * Runs the comparison.
 * @param seconds how long each measurement takes
 * @returns the table, and the numbers of each round
 */
export async function compareOnMongo(options: Options, seconds: number): Promise<Answer> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-mongo-'));
  const { stores, env, remove } = await seedMongo(CONNECTIONS);
  const keys = { COOKIE_KEYS: newCookieKey(), ENCRYPTION_KEY: newEncryptionKey() };
  try {
    const tokens = await issueTokens(stores, CONNECTIONS, TOKENS);
    const { contestant, samples } = await introspectedServer('ours', folder, { ...env, ...keys }, tokens);
    const input = { samples, mongodbUri: env.MONGODB_URI, redisUrl: env.REDIS_URL };
    const bare = { name: BARE, start: () => startProgram('bareMongo', input) };
    const turn = (one: Contestant): Turn => ({
      contestant: one,
      job: (_, asked) => ({ asked, connections: CLIENTS, pipelining: 1, seconds }),
    });
    const result = await measure([turn(contestant)], turn(bare), options);
    return table({ heading: 'introspection on MongoDB and Redis', ...result, against: [BARE], rounds: options.rounds });
  } finally {
    await remove();
    await rm(folder, { recursive: true, force: true });
  }
}
