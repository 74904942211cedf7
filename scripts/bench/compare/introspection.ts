/** Introspection: this server against Node.js itself and two libraries, on the embedded store and in memory. */
import { join } from 'node:path';
import type { Answer } from '../../cli/command.js';
import { issueTokens } from '../growth/accessTokens.js';
import { sizes } from '../growth/population.js';
import { seedEmbedded } from '../growth/seededStores.js';
import { startChanges } from './changes.js';
import { type Contestant, startProgram } from './contestant.js';
import { introspectedServer } from './ours.js';
import { measure, type Options } from './rounds.js';
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
  const atTheEnd: (() => Promise<void>)[] = [];
  /** This server on a store with so many connections. */
  const ours = async (connections: number, name = `${connections.toLocaleString('en')} connections`) => {
    const { stores, dataDir, remove } = await seedEmbedded(connections);
    atTheEnd.push(remove);
    if (dataDir === undefined) throw new Error('The embedded store has a folder.');
    const tokens = await issueTokens(stores, connections, TOKENS);
    return { dataDir, ...(await introspectedServer(`ours, ${name}`, dataDir, { DATA_DIR: dataDir }, tokens)) };
  };
  const turn = (one: Contestant): Turn => ({
    contestant: one,
    job: (_, asked) => ({ asked, connections: CONNECTIONS, pipelining: PIPELINING, seconds }),
  });
  const changing = async (connections: number): Promise<Turn> => {
    const { organizations } = sizes(connections);
    const name = `${organizations} organizations, a change every ${CHANGE_EVERY_MS} ms`;
    const { dataDir, contestant } = await ours(connections, name);
    const { meanwhile, end } = startChanges(join(dataDir, 'store'), organizations, CHANGE_EVERY_MS);
    atTheEnd.push(end);
    return { ...turn(contestant), meanwhile };
  };
  try {
    const { contestant, samples } = await ours(SMALL);
    const turns = [turn(contestant)];
    for (const size of large) turns.push(turn((await ours(size)).contestant));
    const bare = { name: 'bare node:http', start: () => startProgram('bare', samples) };
    const stock = { name: 'stock oidc-provider', start: () => startProgram('stock', { samples, refreshTokens: 0 }) };
    const other = { name: '@node-oauth/oauth2-server', start: () => startProgram('oauth2Server', samples) };
    turns.push(turn(stock), turn(other));
    for (const size of CHANGING) turns.push(await changing(size));
    const result = await measure(turns, turn(bare), options);
    const against = [bare.name, stock.name];
    return table({ heading: 'introspection', ...result, against, rounds: options.rounds });
  } finally {
    for (const end of atTheEnd.reverse()) await end();
  }
}
