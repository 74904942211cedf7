/** Introspection: this server against Node.js itself and two libraries, on the embedded store and in memory. */
import { join } from 'node:path';
import type { Answer } from '../../cli/command.js';
import { issueTokens } from '../growth/accessTokens.js';
import { sizes } from '../growth/population.js';
import { seedEmbedded } from '../growth/seededStores.js';
import { startChanges } from './changes.js';
import { API } from './configuration.js';
import { type Contestant, startProgram } from './contestant.js';
import { startOurs } from './ours.js';
import { measure, type Options } from './rounds.js';
import { samplesOf } from './samples.js';
import { table } from './table.js';
import type { Turn } from './turn.js';

const TOKENS = 1_000;
const SMALL = 1_000;
const CONNECTIONS = 20;
/** With one request at a time for each connection the load needs as much time as bare Node.js and would be the limit. */
const PIPELINING = 4;
const CHANGE_EVERY_MS = 10;
/** A store with 100 organizations, and one with 10, each of which changes ten times a second. */
const CHANGING = [10_000, SMALL];

/** This server on a store with so many connections. */
async function ours(connections: number) {
  const { stores, dataDir, remove } = await seedEmbedded(connections);
  if (dataDir === undefined) throw new Error('The embedded store has a folder.');
  const tokens = await issueTokens(stores, connections, TOKENS);
  const start = () => startOurs(dataDir, { DATA_DIR: dataDir });
  const server = await start();
  const samples = await samplesOf(server.port, tokens, API);
  await server.stop();
  const asked = samples.map((sample) => sample.asked);
  const contestant: Contestant = {
    name: `ours, ${connections.toLocaleString('en')} connections`,
    start: async () => ({ ...(await start()), asked }),
  };
  return { contestant, samples, dataDir, remove };
}

/**
 * Runs the comparison.
 * @param seconds how long each measurement takes
 * @param large further sizes of the store to compare with that of 1,000 connections
 * @returns the table, and the numbers of each round
 */
export async function compareIntrospection(
  options: Options,
  seconds: number,
  large: readonly number[],
): Promise<Answer> {
  const first = await ours(SMALL);
  const { contestant, samples } = first;
  const bare = { name: 'bare node:http', start: () => startProgram('bare', samples) };
  const stock = { name: 'stock oidc-provider', start: () => startProgram('stock', { samples, refreshTokens: 0 }) };
  const other = { name: '@node-oauth/oauth2-server', start: () => startProgram('oauth2Server', samples) };
  const larger = [];
  for (const size of large) larger.push(await ours(size));
  const changing = [];
  for (const size of CHANGING) changing.push(await ours(size));
  const changes = changing.map((one, n) => changesOf(one.dataDir, CHANGING[n] ?? 0));
  const turn = (one: Contestant): Turn => ({
    contestant: one,
    job: (_, asked) => ({ asked, connections: CONNECTIONS, pipelining: PIPELINING, seconds }),
  });
  const turns = [contestant, ...larger.map((one) => one.contestant), stock, other].map(turn);
  for (const [n, one] of changing.entries()) {
    const name = `ours, ${sizes(CHANGING[n] ?? 0).organizations} organizations, a change every ${CHANGE_EVERY_MS} ms`;
    const meanwhile = changes[n]?.meanwhile;
    turns.push({ ...turn({ ...one.contestant, name }), ...(meanwhile ? { meanwhile } : {}) });
  }
  try {
    const result = await measure(turns, turn(bare), options);
    const against = [bare.name, stock.name];
    return table({ heading: 'introspection', ...result, against, rounds: options.rounds });
  } finally {
    for (const one of changes) await one.end();
    for (const one of [first, ...larger, ...changing]) await one.remove();
  }
}

const changesOf = (dataDir: string, connections: number) =>
  startChanges(join(dataDir, 'store'), sizes(connections).organizations, CHANGE_EVERY_MS);
